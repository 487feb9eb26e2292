using System.Net;

namespace ResidualPrompts.Server.Tests;

/// <summary>API keys that change while the server runs.</summary>
public sealed class KeyTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private const string Old = "0123456789abcdef-old";
    private const string New = "0123456789abcdef-new";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_file_changes_the_keys()
    {
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", Old + "\n");
        await using var client = await Client.Start(model.Options() with { KeysFile = keys });
        await File.WriteAllTextAsync(keys, New + "\n", Stop);
        await Client.Until(async () => await Status(client, New) == HttpStatusCode.OK);
        (await Status(client, Old)).Should().Be(HttpStatusCode.Unauthorized);
        client.Log.Should().Contain(line => line.Contains("read again; there are 1")).And.NotContain(line => line.Contains(New));

        // Another content of the same size and time.
        var time = File.GetLastWriteTimeUtc(keys);
        await File.WriteAllTextAsync(keys, Old + "\n", Stop);
        File.SetLastWriteTimeUtc(keys, time);
        await Client.Until(async () => await Status(client, Old) == HttpStatusCode.OK);
        (await Status(client, New)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_secret_of_kubernetes_is_followed_when_its_link_is_renamed()
    {
        using var folder = new Testing.TemporaryFolder();
        foreach (var (version, key) in new[] { ("..1", Old), ("..2", New) })
        {
            Directory.CreateDirectory(folder.File(version));
            await File.WriteAllTextAsync(folder.File(version, "keys"), key, Stop);
        }

        Directory.CreateSymbolicLink(folder.File("..data"), "..1");
        File.CreateSymbolicLink(folder.File("keys"), Path.Combine("..data", "keys"));
        await using var client = await Client.Start(model.Options() with { KeysFile = folder.File("keys") });
        (await Status(client, Old)).Should().Be(HttpStatusCode.OK);
        Directory.CreateSymbolicLink(folder.File("..data_tmp"), "..2");
        RawHttp.RenameLink(folder.File("..data_tmp"), folder.File("..data"));
        await Client.Until(async () => await Status(client, New) == HttpStatusCode.OK);
        (await Status(client, Old)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("", "contains no key")]
    [InlineData("# nothing but a comment\n", "contains no key")]
    [InlineData("short\n", "line 1: the key has 5 characters")]
    [InlineData("0123456789abcdef-new\n0123 456789abcdef\n", "line 2")]
    [InlineData("0123456789abcdef-new\0\0\0\0", "line 1: the key contains control characters")]
    [InlineData("0123456789abcdef-\u00e9\n", "line 1: the key contains control characters or is not valid Unicode")]
    [InlineData(null, "cannot be read")]
    public async Task A_file_that_cannot_be_used_leaves_the_keys_and_is_an_error_in_the_log_once(string? content, string message)
    {
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", Old + "\n");
        await using var client = await Client.Start(model.Options() with { KeysFile = keys });
        if (content is null)
            File.Delete(keys);
        else
            await File.WriteAllBytesAsync(keys, System.Text.Encoding.Latin1.GetBytes(content), Stop);
        bool IsError(string line) => line.StartsWith("Error: The API keys stay as they were: ") && line.Contains(message);
        await Client.Until(() => Task.FromResult(client.Log.Any(IsError)));
        await Task.Delay(1200, Stop);
        client.Log.Count(line => line.StartsWith("Error")).Should().Be(1);
        (await Status(client, Old)).Should().Be(HttpStatusCode.OK);
        (await Status(client, New)).Should().Be(HttpStatusCode.Unauthorized);
        (await Status(client, null)).Should().Be(HttpStatusCode.Unauthorized);
        await File.WriteAllTextAsync(keys, New + "\n", Stop);
        await Client.Until(async () => await Status(client, New) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_pipe_or_a_folder_in_its_place_leaves_the_keys_and_holds_up_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes a pipe");
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", Old + "\n");
        await using var client = await Client.Start(model.Options() with { KeysFile = keys });
        File.Delete(keys);
        SpecialFile.MakePipe(keys);
        await Client.Until(() => Task.FromResult(client.Log.Any(line => line.StartsWith("Error") && line.Contains("found a pipe"))));
        File.Delete(keys);
        Directory.CreateDirectory(keys);
        await Client.Until(() => Task.FromResult(client.Log.Count(line => line.StartsWith("Error")) >= 2));
        (await Status(client, Old)).Should().Be(HttpStatusCode.OK);
        Directory.Delete(keys);
        await File.WriteAllTextAsync(keys, New + "\n", Stop);
        await Client.Until(async () => await Status(client, New) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_stream_of_events_ends_when_its_key_is_withdrawn()
    {
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", Old + "\n" + New + "\n");
        Directory.CreateDirectory(folder.File("runs", "live"));
        await File.WriteAllTextAsync(folder.File("runs", "live", "run.json"), "{}", Stop);
        await using var client = await Client.Start(model.Options() with { KeysFile = keys, Runs = folder.File("runs") });
        async Task<Task<string>> Follow(string key)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs/events?run=live") { Headers = { { "X-Api-Key", key } } };
            var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            return response.Content.ReadAsStringAsync(Stop);
        }

        var (withdrawn, kept) = (await Follow(Old), await Follow(New));
        await File.WriteAllTextAsync(keys, New + "\n", Stop);
        await withdrawn.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        kept.IsCompleted.Should().BeFalse();
        await client.DisposeServer();
        await kept.WaitAsync(TimeSpan.FromSeconds(20), Stop);
    }

    [Theory]
    [InlineData("\uFEFF# team a\r\n0123456789abcdef-new  \r\n\r\n", false)]
    [InlineData("\t0123456789abcdef-new\t\r", false)]
    [InlineData("\uFEFF0123456789abcdef-new\r\n", true)] // as PowerShell writes it
    public async Task Line_ends_marks_comments_and_spaces_are_no_part_of_a_key(string content, bool isUtf16)
    {
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", Old);
        await using var client = await Client.Start(model.Options() with { KeysFile = keys });
        await File.WriteAllBytesAsync(keys, (isUtf16 ? System.Text.Encoding.Unicode : System.Text.Encoding.UTF8).GetBytes(content), Stop);
        await Client.Until(async () => await Status(client, New) == HttpStatusCode.OK);
        (await Status(client, Old)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Inside_an_app_keys_are_followed_too()
    {
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", Old + "\n");
        await using var app = await App.StartAsync(
            builder => builder.Services.AddPromptServing(options => (options.Model, options.KeysFile) = (model.Model, keys)),
            host => host.MapPromptServing("/prompts"));
        await File.WriteAllTextAsync(keys, New + "\n", Stop);
        app.Http.DefaultRequestHeaders.Add("X-Api-Key", New);
        await Client.Until(async () =>
        {
            using var answer = await app.GetAsync("/prompts/v1/prompts");
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    private static async Task<HttpStatusCode> Status(Client client, string? key) =>
        (await client.Send(HttpMethod.Get, "/v1/prompts", null, request =>
        {
            if (key is not null)
                request.Headers.Add("X-Api-Key", key);
        })).Status;
}
