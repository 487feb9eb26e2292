using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ResidualPrompts.Hub.Tests;

/// <summary>A request that the hub or its store got.</summary>
internal sealed record SeenRequest(bool AtStore, string Method, string Path, string? Authorization, string? Range);

/// <summary>
/// Plays the hub on two loopback ports: the hub itself, and the store of large files to which it redirects, as the true one does. Small files have
/// git's SHA-1 as ETag; large ones have X-Linked-Etag, their SHA-256.
/// </summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (byte[] Content, bool IsLarge)> _files = new(); // "NAME@COMMIT/FILE"
    private readonly ConcurrentDictionary<string, string> _commits = new(); // "NAME@BRANCH"
    private readonly WebApplication _hub;
    private readonly WebApplication _store;

    private FakeHub()
    {
        _hub = Make(AnswerHub);
        _store = Make(AnswerStore);
    }

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public Uri Url => new(AddressOf(_hub));

    public string StoreUrl => AddressOf(_store);

    /// <summary>When set, only requests with this token are answered.</summary>
    public string? Token { get; set; }

    /// <summary>May answer a request itself, before the hub does; says whether it did.</summary>
    public Func<HttpContext, Task<bool>> AtHub { get; set; } = _ => Task.FromResult(false);

    /// <summary>The same at the store.</summary>
    public Func<HttpContext, byte[], Task<bool>> AtStore { get; set; } = (_, _) => Task.FromResult(false);

    public IEnumerable<SeenRequest> StoreRequests => Requests.Where(request => request.AtStore);

    public static async Task<FakeHub> StartAsync()
    {
        var hub = new FakeHub();
        await hub._hub.StartAsync();
        await hub._store.StartAsync();
        return hub;
    }

    /// <summary>Adds a commit to a branch; data sets are named "datasets/NAME".</summary>
    public string Commit(string name, params (string Name, byte[] Content, bool IsLarge)[] files) => CommitTo("main", name, files);

    public string CommitTo(string branch, string name, params (string Name, byte[] Content, bool IsLarge)[] files)
    {
        var commit = Sha1(Encoding.UTF8.GetBytes($"{name}{_files.Count}{branch}"));
        _commits[$"{name}@{branch}"] = commit;
        _commits[$"{name}@{commit}"] = commit;
        foreach (var (file, content, isLarge) in files)
            _files[$"{name}@{commit}/{file}"] = (content, isLarge);
        return commit;
    }

    public static string GitSha1(byte[] content) => Sha1([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]);

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static WebApplication Make(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        return app;
    }

    private void Note(HttpContext context, bool atStore) => Requests.Enqueue(new SeenRequest(
        atStore, context.Request.Method, context.Request.Path, context.Request.Headers.Authorization.FirstOrDefault(),
            context.Request.Headers.Range.FirstOrDefault()));

    private async Task AnswerHub(HttpContext context)
    {
        Note(context, atStore: false);
        if (await AtHub(context))
            return;
        var response = context.Response;
        if (Token is not null && context.Request.Headers.Authorization.FirstOrDefault() != $"Bearer {Token}")
        {
            response.StatusCode = context.Request.Headers.Authorization.Count == 0 ? 401 : 403;
            return;
        }

        var path = context.Request.Path.Value!.Trim('/');
        if (path.StartsWith("api/", StringComparison.Ordinal))
        {
            await AnswerListing(context, path);
            return;
        }

        var parts = path.Split("/resolve/");
        var (name, rest) = (parts[0], parts[1]);
        var (revision, file) = (rest[..rest.IndexOf('/')], rest[(rest.IndexOf('/') + 1)..]);
        if (FindCommit(context, name, Uri.UnescapeDataString(revision)) is not { } commit)
            return;
        response.Headers["X-Repo-Commit"] = commit;
        if (!_files.TryGetValue($"{name}@{commit}/{file}", out var entry))
        {
            response.Headers["X-Error-Code"] = "EntryNotFound";
            response.StatusCode = 404;
        }
        else if (entry.IsLarge)
        {
            response.Headers["X-Linked-Etag"] = $"\"{Sha256(entry.Content)}\"";
            response.Headers["X-Linked-Size"] = entry.Content.Length.ToString(CultureInfo.InvariantCulture);
            response.Headers.Location = $"{StoreUrl}/{name}@{commit}/{file}";
            response.StatusCode = 302;
        }
        else
        {
            response.Headers.ETag = $"\"{GitSha1(entry.Content)}\"";
            await Send(context, entry.Content);
        }
    }

    private string? FindCommit(HttpContext context, string name, string revision)
    {
        if (_commits.TryGetValue($"{name}@{revision}", out var commit))
            return commit;
        var exists = _commits.Keys.Any(key => key.StartsWith(name + "@", StringComparison.Ordinal));
        context.Response.Headers["X-Error-Code"] = exists ? "RevisionNotFound" : "RepoNotFound";
        context.Response.StatusCode = exists ? 404 : 401;
        return null;
    }

    private async Task AnswerListing(HttpContext context, string path)
    {
        var parts = path["api/".Length..].Split("/revision/");
        var name = parts[0].StartsWith("models/", StringComparison.Ordinal) ? parts[0]["models/".Length..] : parts[0];
        if (FindCommit(context, name, Uri.UnescapeDataString(parts[1])) is not { } commit)
            return;
        var prefix = $"{name}@{commit}/";
        var siblings = _files.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => new { rfilename = key[prefix.Length..] });
        await context.Response.WriteAsync(JsonSerializer.Serialize(new { sha = commit, siblings }));
    }

    private async Task AnswerStore(HttpContext context)
    {
        Note(context, atStore: true);
        var content = _files[Uri.UnescapeDataString(context.Request.Path.Value!.TrimStart('/'))].Content;
        if (!await AtStore(context, content))
            await Send(context, content);
    }

    /// <summary>The bytes, or the part of them that is asked for.</summary>
    public static async Task Send(HttpContext context, byte[] content, int? cutTo = null, bool knowsRanges = true)
    {
        var range = context.Request.Headers.Range.FirstOrDefault();
        var begin = knowsRanges && range is not null ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
        if (begin > 0)
        {
            context.Response.StatusCode = begin < content.Length ? 206 : 416;
            context.Response.Headers.ContentRange = begin < content.Length ? $"bytes {begin}-{content.Length - 1}/{content.Length}"
                : $"bytes */{content.Length}";
        }

        context.Response.ContentLength = Math.Max(0, content.Length - begin);
        if (context.Request.Method == "HEAD" || begin >= content.Length)
            return;
        var end = Math.Min(content.Length, begin + (cutTo ?? content.Length));
        await context.Response.Body.WriteAsync(content.AsMemory(begin, end - begin));
        await context.Response.Body.FlushAsync();
        if (end < content.Length)
        {
            // A reset throws away what the other side has not read yet.
            await Task.Delay(300);
            context.Abort();
        }
    }

#pragma warning disable CA5350 // git's digest
    private static string Sha1(byte[] bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));
#pragma warning restore CA5350
}
