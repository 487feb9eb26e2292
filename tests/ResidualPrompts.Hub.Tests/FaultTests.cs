using ResidualPrompts.Hub.Download;

namespace ResidualPrompts.Hub.Tests;

/// <summary>A hub that is slow, busy, broken or hostile.</summary>
public sealed class FaultTests : HubFixture
{
    private string[] Incomplete => [.. Directory.GetFiles(Blobs, "*.incomplete")];

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_no_other_host()
    {
        Hub.Token = Token;

        await GetModel(Settings(token: Token));

        Hub.Requests.Where(request => !request.AtStore).Should().NotBeEmpty().And.OnlyContain(request => request.Authorization == $"Bearer {Token}");
        Hub.StoreRequests.Should().NotBeEmpty().And.OnlyContain(request => request.Authorization == null);
    }

    [Fact]
    public async Task A_store_that_sends_back_to_the_hub_does_not_get_the_token_there()
    {
        Hub.AtStore = (context, _) =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = $"{Hub.Url}trap";
            return Task.FromResult(true);
        };
        Hub.AtHub = context =>
        {
            if (context.Request.Path != "/trap")
                return Task.FromResult(false);
            context.Response.StatusCode = 404;
            return Task.FromResult(true);
        };

        await GetModel(Settings(token: Token)).ContinueWith(_ => { }, TaskScheduler.Default);

        Hub.Requests.Where(request => request.Path == "/trap").Should().NotBeEmpty().And.OnlyContain(request => request.Authorization == null);
    }

    [Theory]
    [InlineData(null, "*was not found at http://127.0.0.1:*set HF_TOKEN*")]
    [InlineData("hf_otherSecret", "*refuses access*Check that your token is valid*")]
    public async Task A_private_model_needs_the_right_token_and_messages_never_show_it(string? token, string message)
    {
        Hub.Token = Token;

        var get = () => GetModel(Settings(token: token));

        (await get.Should().ThrowAsync<HubException>()).WithMessage(message).And.ToString().Should().NotContain("Secret");
    }

    [Fact]
    public async Task What_the_hub_does_not_have_is_told_apart()
    {
        Hub.Commit("no/weights", ("config.json", Config, false));
        Hub.Commit("no/config", ("README.md", [1], false));

        (await Getting("no/such").Should().ThrowAsync<HubException>()).WithMessage("The model 'no/such' was not found*");
        (await Getting(Name, "v9").Should().ThrowAsync<HubException>()).WithMessage("*has no revision 'v9'*");
        (await Getting("no/weights").Should().ThrowAsync<HubException>()).WithMessage("*holds no model.safetensors or*pytorch_model.bin*");
        (await Getting("no/config").Should().ThrowAsync<HubException>()).WithMessage("*holds no config.json*");
        Hub.AtHub = context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers["X-Error-Code"] = "GatedRepo";
            return Task.FromResult(true);
        };
        (await Getting(Name).Should().ThrowAsync<HubException>()).WithMessage("*terms must be accepted*");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_busy_hub_is_asked_again(int status)
    {
        var left = 2;
        Hub.AtHub = Hub.AtHub = context =>
        {
            if (Interlocked.Decrement(ref left) < 0)
                return Task.FromResult(false);
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            return Task.FromResult(true);
        };

        (await GetModel()).Commit.Should().Be(Commit);
    }

    [Theory]
    [InlineData("0", 5)]
    [InlineData("3600", 1)]
    public async Task A_hub_that_stays_busy_or_asks_for_an_hour_is_reported(string retryAfter, int requests)
    {
        Hub.AtHub = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(true);
        };

        (await Getting(Name).Should().ThrowAsync<HubTransferException>())
            .WithMessage($"*answered 429 (too many requests)*wait {retryAfter} seconds*");
        Hub.Requests.Should().HaveCount(requests);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_gone_on_with_where_it_stopped()
    {
        var left = 2;
        Hub.AtStore = async (context, content) =>
        {
            if (content.Length < 1000 || Interlocked.Decrement(ref left) < 0)
                return false;
            await FakeHub.Send(context, content, cutTo: 100_000);
            return true;
        };

        var snapshot = await GetModel();

        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).Should().Equal(Weights);
        Hub.StoreRequests.Where(request => request.Path.EndsWith("safetensors")).Select(request => request.Range).Should().HaveCount(3)
            .And.StartWith((string?)null)
            .And.Subject.Skip(1).Should().OnlyContain(range => range!.StartsWith("bytes=") && range != "bytes=0-");
        Incomplete.Should().BeEmpty();
    }

    [Fact]
    public async Task A_download_that_never_ends_leaves_its_part_for_the_next_run()
    {
        Hub.AtStore = async (context, content) =>
        {
            if (content.Length < 1000)
                return false;
            await FakeHub.Send(context, content, cutTo: context.Request.Headers.Range.Count == 0 ? 100_000 : 1);
            return true;
        };

        (await Getting(Name).Should().ThrowAsync<HubTransferException>())
            .WithMessage("*'model.safetensors' broke off again and again: expected 300000 bytes*Run the same command again*");

        var kept = new FileInfo(Incomplete.Should().ContainSingle().Which).Length;
        kept.Should().BeInRange(1, 100_010);
        EverythingFinalIsWhole();
        Hub.AtStore = (_, _) => Task.FromResult(false);
        Hub.Requests.Clear();
        await GetModel();
        Hub.StoreRequests.Should().ContainSingle().Which.Range.Should().Be($"bytes={kept}-");
        Incomplete.Should().BeEmpty();
        EverythingFinalIsWhole();
    }

    [Fact]
    public async Task A_slow_body_is_given_up_after_the_timeout_and_gone_on_with()
    {
        var left = 1;
        Hub.AtStore = async (context, content) =>
        {
            if (content.Length < 1000 || Interlocked.Decrement(ref left) < 0)
                return false;
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, 50_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };

        await GetModel(Settings(timeout: 1));

        Hub.StoreRequests.Last(request => request.Path.EndsWith("safetensors")).Range.Should().Be("bytes=50000-");
        EverythingFinalIsWhole();
    }

    [Fact]
    public async Task A_server_without_ranges_and_a_stale_part_are_begun_anew()
    {
        Directory.CreateDirectory(Blobs);
        File.WriteAllBytes(Path.Combine(Blobs, $"{FakeHub.Sha256(Weights)}.0123abcd.incomplete"), new byte[1000]);
        Hub.AtStore = async (context, content) =>
        {
            await FakeHub.Send(context, content, knowsRanges: false);
            return true;
        };
        await GetModel();
        EverythingFinalIsWhole();

        // Of the right length or longer, and of wrong bytes: found out by the digest alone.
        foreach (var length in new[] { 1000, Weights.Length, Weights.Length + 5 })
        {
            Directory.Delete(Repository, recursive: true);
            Directory.CreateDirectory(Blobs);
            File.WriteAllBytes(Path.Combine(Blobs, $"{FakeHub.Sha256(Weights)}.incomplete"), new byte[length]);
            Hub.AtStore = (_, _) => Task.FromResult(false);
            var snapshot = await GetModel();
            File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).Should().Equal(Weights);
            Incomplete.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData(0, "*is damaged: expected the digest*found*")]
    [InlineData(7, "*is damaged: expected 300000 bytes, found*")]
    public async Task Wrong_bytes_are_thrown_away(int more, string message)
    {
        Hub.AtStore = async (context, content) =>
        {
            if (content.Length < 1000)
                return false;
            await FakeHub.Send(context, [.. content[..^1], (byte)~content[^1], .. new byte[more]]);
            return true;
        };

        (await Getting(Name).Should().ThrowAsync<HubTransferException>()).WithMessage(message);

        Incomplete.Should().BeEmpty();
        EverythingFinalIsWhole();
        File.Exists(Path.Combine(Repository, "snapshots", Commit, "model.safetensors")).Should().BeFalse();
    }

    [Fact]
    public async Task A_small_file_is_checked_by_gits_digest()
    {
        Hub.AtHub = async context =>
        {
            if (context.Request.Method != "GET" || !context.Request.Path.Value!.EndsWith("config.json"))
                return false;
            await FakeHub.Send(context, [.. Config[..^1], (byte)'!']);
            return true;
        };

        (await Getting(Name).Should().ThrowAsync<HubTransferException>())
            .WithMessage($"*'config.json' is damaged: expected the digest {FakeHub.GitSha1(Config)}*");
    }

    [Theory]
    [InlineData("ETag", "\"../../evil\"")]
    [InlineData("ETag", "\"\"")]
    [InlineData("X-Repo-Commit", "../../evil")]
    public async Task Headers_that_would_be_file_names_elsewhere_are_refused(string header, string value)
    {
        Hub.AtHub = context =>
        {
            context.Response.Headers["ETag"] = "\"abc\"";
            context.Response.Headers["X-Repo-Commit"] = Commit;
            context.Response.Headers[header] = value;
            return Task.FromResult(true);
        };

        (await Getting(Name).Should().ThrowAsync<HubException>()).WithMessage("*did not answer as a hub*");
        Directory.Exists(Cache).Should().BeFalse();
    }

    [Theory]
    [InlineData("../../../evil.bin")]
    [InlineData("/etc/evil.bin")]
    [InlineData("..\\\\evil.bin")]
    [InlineData("C:evil.bin")]
    [InlineData("a/../../evil.bin")]
    public async Task Shards_with_names_that_lead_elsewhere_are_refused(string shard)
    {
        Hub.Commit("evil/index", ("config.json", Config, false),
            ("model.safetensors.index.json", System.Text.Encoding.UTF8.GetBytes($"{{\"weight_map\":{{\"a\":\"{shard}\"}}}}"), false));

        (await Getting("evil/index").Should().ThrowAsync<HubException>()).WithMessage("*could lead out of the cache*");
    }

    [Fact]
    public async Task Files_of_a_data_set_with_names_that_lead_elsewhere_are_refused()
    {
        Hub.Commit("datasets/evil/data", ("data/train.jsonl", [1], false), ("data/../../../../evil.jsonl", [2], false));

        var get = () => GetDataSet("evil/data");

        (await get.Should().ThrowAsync<HubException>()).WithMessage("*could lead out of the cache*");
        Directory.Exists(Cache).Should().BeFalse();
    }

    [Fact]
    public async Task Redirects_without_end_and_to_other_protocols_are_refused()
    {
        foreach (var location in new[] { "/again", "ftp://127.0.0.1/x", "file:///etc/passwd" })
        {
            Hub.AtHub = context =>
            {
                context.Response.StatusCode = 302;
                context.Response.Headers.Location = location;
                return Task.FromResult(true);
            };

            (await Getting(Name).Should().ThrowAsync<HubException>()).WithMessage("*redirect*expected*");
        }
    }

    private Func<Task<HubSnapshot>> Getting(string name, string? revision = null) => () => GetModel(name: name, revision: revision);
}
