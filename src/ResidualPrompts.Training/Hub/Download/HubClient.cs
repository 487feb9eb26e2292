using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Http.Resilience;
using Polly.Timeout;

namespace ResidualPrompts.Hub.Download;

/// <summary>
/// Requests to the hub over HTTP. Redirects are followed here and not by the framework, so that the token is sent to the hub only, and so that
/// the hub's headers about a large file are read before the redirect to its storage.
/// </summary>
internal sealed class HubClient : IDisposable
{
    private const int MaxRedirects = 10;
    private const long LongestListing = 64 << 20;

    private readonly HubSettings _settings;
    private readonly HttpClient _metadata;
    private readonly HttpClient _transfer;

    public HubClient(HubSettings settings)
    {
        _settings = settings;
        _metadata = MakeClient(settings.MetadataTimeout);
        _transfer = MakeClient(settings.DownloadTimeout);
    }

    /// <summary>Requests a file's metadata; null when the commit has no such file.</summary>
    public async Task<HubFile?> FindAsync(HubRepository repository, string revision, string file, CancellationToken cancellationToken)
    {
        var url = UrlOf(repository, revision, file);
        using var response = await SendAsync(_metadata, HttpMethod.Head, url, offset: 0, IsDescribed, cancellationToken).ConfigureAwait(false);
        var error = ErrorCode(response);
        if (response.StatusCode == HttpStatusCode.NotFound && (error == "EntryNotFound" || (error is null && Commit(response) is not null)))
            return null;
        if (!response.IsSuccessStatusCode && !IsRedirect(response))
            throw Problem(response, repository, revision, url);
        var commit = Commit(response) ?? (HubPath.IsCommit(revision)
            ? revision
            : throw HubException.BadAnswer(url, "the header X-Repo-Commit", "a commit", Header(response, "X-Repo-Commit") ?? "none"));
        var etag = (Header(response, "X-Linked-Etag") ?? Header(response, "ETag") ?? "").Trim();
        etag = (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');
        if (!HubPath.IsETag(etag))
            throw HubException.BadAnswer(url, "the header ETag", "one word", etag);
        long? size = long.TryParse(Header(response, "X-Linked-Size"), out var linked) && linked >= 0
            ? linked
            : IsRedirect(response) ? null : response.Content.Headers.ContentLength;
        return new HubFile(commit, etag, size);
    }

    /// <summary>The commit of a revision and the names of its files.</summary>
    public async Task<(string Commit, IReadOnlyList<string> Files)> ListAsync(
        HubRepository repository, string revision, CancellationToken cancellationToken)
    {
        var (endpoint, kind) = (_settings.Endpoint.AbsoluteUri.TrimEnd('/'), repository.IsDataSet ? "datasets" : "models");
        var url = new Uri($"{endpoint}/api/{kind}/{repository.Name}/revision/{Uri.EscapeDataString(revision)}");
        using var response = await SendAsync(_metadata, HttpMethod.Get, url, offset: 0, stopsAt: null, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw Problem(response, repository, revision, url);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(_settings.MetadataTimeout * 6);
            using var document = JsonDocument.Parse(await ReadAllAsync(response, url, timeout.Token).ConfigureAwait(false));
            var commit = document.RootElement.GetProperty("sha").GetString() ?? "";
            if (!HubPath.IsCommit(commit))
                throw HubException.BadAnswer(url, "sha", "a commit", commit);
            var siblings = document.RootElement.GetProperty("siblings").EnumerateArray();
            return (commit, [.. siblings.Select(file => file.GetProperty("rfilename").GetString() ?? "")]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw HubException.BadAnswer(url, "the listing", "an object with sha and siblings", e.Message);
        }
        catch (Exception e)
            when (e is IOException or HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw HubTransferException.Unreachable(url, e);
        }
    }

    /// <summary>Opens a file from a byte offset; the status is 206, or 200 when the server does not support ranges.</summary>
    public async Task<HttpResponseMessage> OpenAsync(
        HubRepository repository, string commit, string file, long offset, CancellationToken cancellationToken)
    {
        var url = UrlOf(repository, commit, file);
        var response = await SendAsync(_transfer, HttpMethod.Get, url, offset, stopsAt: null, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            return response;
        using (response)
        {
            throw Problem(response, repository, commit, url);
        }
    }

    public void Dispose()
    {
        _metadata.Dispose();
        _transfer.Dispose();
    }

    private HttpClient MakeClient(TimeSpan timeout)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        var handler = new ResilienceHandler(HubRetry.ForRequests(_settings.RetryDelay, timeout)) { InnerHandler = sockets };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private Uri UrlOf(HubRepository repository, string revision, string file) => new(
        $"{_settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{repository.UrlPath}/resolve/{Uri.EscapeDataString(revision)}/"
            + string.Join('/', file.Split('/').Select(Uri.EscapeDataString)));

    private async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, Uri url, long offset, Func<HttpResponseMessage, bool>? stopsAt, CancellationToken cancellationToken)
    {
        var (current, isTrusted) = (url, true);
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            HttpResponseMessage response;
            using (var request = MakeRequest(method, current, offset, isTrusted))
            {
                try
                {
                    response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException)
                {
                    throw HubTransferException.Unreachable(current, e);
                }
            }

            if (!IsRedirect(response) || stopsAt?.Invoke(response) == true)
                return response;
            using (response)
            {
                var location = Header(response, "Location");
                if (location is null || !TryResolve(current, location, out var next) || (current.Scheme == "https" && next.Scheme != "https"))
                    throw HubException.BadAnswer(current, "the redirect", "a URL, with https when the first has it", location ?? "none");

                // Another host must not receive the token, nor any host that it redirects to.
                isTrusted = isTrusted && IsSameOrigin(next, _settings.Endpoint);
                current = next;
            }
        }

        throw HubException.BadAnswer(url, "the redirects", $"at most {MaxRedirects}", "more");
    }

    private HttpRequestMessage MakeRequest(HttpMethod method, Uri url, long offset, bool isTrusted)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        var version = typeof(HubClient).Assembly.GetName().Version?.ToString(3);
        request.Headers.UserAgent.ParseAdd(_settings.TellsVersion ? $"residual-prompts/{version}" : "residual-prompts");
        if (offset > 0)
            request.Headers.Range = new RangeHeaderValue(offset, null);
        if (isTrusted && _settings.Token is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    /// <summary>Resolved by hand, since the framework takes a path that begins with '/' for a file on Unix.</summary>
    private static bool TryResolve(Uri current, string location, out Uri next)
    {
        var isRelative = location.StartsWith('/') || !location.Contains("://", StringComparison.Ordinal);
        var isGood = isRelative ? Uri.TryCreate(current, location, out var url) : Uri.TryCreate(location, UriKind.Absolute, out url);
        next = url ?? current;
        return isGood && next.Scheme is "http" or "https";
    }

    private static bool IsSameOrigin(Uri first, Uri second) =>
        first.Scheme == second.Scheme && first.Host == second.Host && first.Port == second.Port;

    private static bool IsRedirect(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;

    /// <summary>A redirect to the storage of large files has the file's metadata; a redirect to a renamed repository does not.</summary>
    private bool IsDescribed(HttpResponseMessage response) => Header(response, "X-Linked-Etag") is not null
        || (Header(response, "Location") is { } location
            && TryResolve(_settings.Endpoint, location, out var next)
            && !IsSameOrigin(next, _settings.Endpoint));

    private static string? ErrorCode(HttpResponseMessage response) => Header(response, "X-Error-Code");

    private static string? Commit(HttpResponseMessage response) =>
        Header(response, "X-Repo-Commit") is { } commit && HubPath.IsCommit(commit) ? commit : null;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString().Trim() : null;

    private Exception Problem(HttpResponseMessage response, HubRepository repository, string revision, Uri url)
    {
        var hasToken = _settings.Token is not null;
        return (response.StatusCode, ErrorCode(response)) switch
        {
            (HttpStatusCode.NotFound, "RevisionNotFound") => HubException.NoRevision(repository, revision),
            (HttpStatusCode.NotFound, "EntryNotFound") => HubException.MissingFile(repository, revision, [url.Segments[^1]]),
            (HttpStatusCode.NotFound, _) or (HttpStatusCode.Unauthorized, "RepoNotFound") => HubException.NotFound(repository, url, hasToken),
            (HttpStatusCode.Unauthorized, not "GatedRepo") when !hasToken => HubException.NotFound(repository, url, hasToken),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, var code) => HubException.NoAccess(repository, code == "GatedRepo", hasToken),
            (var status, _) when HubRetry.IsTransient(status) => HubTransferException.Status(url, (int)status, HubRetry.RetryAfter(response)),
            (var status, _) => HubException.BadAnswer(url, "the status", "200", $"{(int)status}"),
        };
    }

    private static async Task<byte[]> ReadAllAsync(HttpResponseMessage response, Uri url, CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
            if (all.Length > LongestListing)
                throw HubException.BadAnswer(url, "the listing", $"at most {LongestListing} bytes", "more");
        }

        return all.ToArray();
    }
}
