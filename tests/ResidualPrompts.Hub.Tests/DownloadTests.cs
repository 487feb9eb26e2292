using ResidualPrompts.Hub.Download;

namespace ResidualPrompts.Hub.Tests;

/// <summary>What a download asks for and what it leaves in the cache.</summary>
public sealed class DownloadTests : HubFixture
{
    [Fact]
    public async Task The_cache_is_laid_out_as_the_Python_tools_do_it()
    {
        var snapshot = await GetModel();

        snapshot.Folder.Should().Be(Path.Combine(Repository, "snapshots", Commit));
        snapshot.Note.Should().BeNull();
        Relative(Cache).Should().BeEquivalentTo(
            "CACHEDIR.TAG",
            "models--google--t5-tiny/refs/main",
            $"models--google--t5-tiny/blobs/{FakeHub.GitSha1(Config)}",
            $"models--google--t5-tiny/blobs/{FakeHub.Sha256(Spiece)}",
            $"models--google--t5-tiny/blobs/{FakeHub.Sha256(Weights)}",
            $"models--google--t5-tiny/snapshots/{Commit}/config.json",
            $"models--google--t5-tiny/snapshots/{Commit}/spiece.model",
            $"models--google--t5-tiny/snapshots/{Commit}/model.safetensors",
            $"models--google--t5-tiny/.no_exist/{Commit}/tokenizer.json",
            $"models--google--t5-tiny/.no_exist/{Commit}/tokenizer_config.json",
            $"models--google--t5-tiny/.no_exist/{Commit}/added_tokens.json",
            $"models--google--t5-tiny/.no_exist/{Commit}/special_tokens_map.json",
            $"models--google--t5-tiny/.no_exist/{Commit}/generation_config.json",
            $".locks/models--google--t5-tiny/{FakeHub.GitSha1(Config)}.lock",
            $".locks/models--google--t5-tiny/{FakeHub.Sha256(Spiece)}.lock",
            $".locks/models--google--t5-tiny/{FakeHub.Sha256(Weights)}.lock");
        File.ReadAllText(Path.Combine(Repository, "refs", "main")).Should().Be(Commit);
        new FileInfo(Path.Combine(snapshot.Folder, "model.safetensors")).LinkTarget.Should().Be($"../../blobs/{FakeHub.Sha256(Weights)}");
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).Should().Equal(Weights);
        File.ReadAllText(Path.Combine(Cache, "CACHEDIR.TAG")).Should().StartWith("Signature: 8a477f597d28d172789f06886806bc55");
    }

    [Fact]
    public async Task A_second_time_asks_for_the_branch_alone_and_a_commit_asks_for_nothing()
    {
        await GetModel();
        Hub.Requests.Clear();

        await GetModel();
        Hub.Requests.Should().ContainSingle()
            .Which.Should().Match<SeenRequest>(request => request.Method == "HEAD" && request.Path.EndsWith("/resolve/main/config.json"));
        Hub.Requests.Clear();
        var snapshot = await GetModel(revision: Commit);

        Hub.Requests.Should().BeEmpty();
        snapshot.Commit.Should().Be(Commit);
    }

    [Fact]
    public async Task Every_file_that_can_hold_added_tokens_comes_along()
    {
        string[] names = ["tokenizer.json", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json"];
        Hub.Commit(
            "own/t5", [("config.json", Config, false), ("spiece.model", Spiece, true), .. names.Select(name => (name, "{}"u8.ToArray(), false))]);
        using var downloader = new HubDownloader(Settings());

        var snapshot = await downloader.GetModelAsync("own/t5", null, ModelParts.Tokenizer, TestContext.Current.CancellationToken);

        Directory.GetFiles(snapshot.Folder).Select(Path.GetFileName).Should().BeEquivalentTo([.. names, "config.json", "spiece.model"]);
    }

    [Fact]
    public async Task The_tokenizer_alone_brings_no_weights()
    {
        using var downloader = new HubDownloader(Settings());

        var snapshot = await downloader.GetModelAsync(Name, null, ModelParts.Tokenizer, TestContext.Current.CancellationToken);

        Directory.GetFiles(snapshot.Folder).Select(Path.GetFileName).Should().BeEquivalentTo("config.json", "spiece.model");
    }

    [Fact]
    public async Task A_new_commit_brings_what_changed_and_keeps_the_old_one()
    {
        await GetModel();
        byte[] config = [.. Config, (byte)'\n'];
        var next = Hub.Commit(Name, ("config.json", config, false), ("spiece.model", Spiece, true), ("model.safetensors", Weights, true));
        Hub.Requests.Clear();

        var snapshot = await GetModel();

        snapshot.Commit.Should().Be(next);
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "config.json")).Should().Equal(config);
        File.ReadAllBytes(Path.Combine(Repository, "snapshots", Commit, "config.json")).Should().Equal(Config);
        File.ReadAllText(Path.Combine(Repository, "refs", "main")).Should().Be(next);
        Hub.StoreRequests.Should().BeEmpty();
        EverythingFinalIsWhole();
    }

    [Fact]
    public async Task Shards_and_PyTorchs_file_are_taken_where_there_is_no_safetensors()
    {
        var index = "{\"weight_map\":{\"a\":\"pytorch_model-00001-of-00002.bin\",\"b\":\"pytorch_model-00002-of-00002.bin\"}}"u8.ToArray();
        Hub.Commit("old/sharded", ("config.json", Config, false), ("pytorch_model.bin.index.json", index, false),
            ("pytorch_model-00001-of-00002.bin", [1], true), ("pytorch_model-00002-of-00002.bin", [2], true));
        Hub.Commit("old/one", ("config.json", Config, false), ("tokenizer.json", [1], false), ("pytorch_model.bin", Weights, true));

        var sharded = await GetModel(name: "old/sharded");
        var one = await GetModel(name: "old/one");

        Directory.GetFiles(sharded.Folder).Select(Path.GetFileName)
            .Should().Contain(["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]);
        Directory.GetFiles(one.Folder).Select(Path.GetFileName).Should().BeEquivalentTo("config.json", "tokenizer.json", "pytorch_model.bin");
    }

    [Fact]
    public async Task An_old_name_is_redirected_and_stays_the_caches_folder()
    {
        var commit = Hub.Commit("google-t5/t5-small", ("config.json", Config, false), ("spiece.model", Spiece, false),
            ("model.safetensors", Weights, true));
        Hub.AtHub = context =>
        {
            if (!context.Request.Path.Value!.StartsWith("/t5-small/"))
                return Task.FromResult(false);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/google-t5" + context.Request.Path.Value;
            return Task.FromResult(true);
        };

        var snapshot = await GetModel(name: "t5-small");

        snapshot.Folder.Should().Be(Path.Combine(Cache, "models--t5-small", "snapshots", commit));
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).Should().Equal(Weights);
    }

    [Fact]
    public async Task Without_links_the_snapshot_holds_the_files_themselves()
    {
        var snapshot = await GetModel(Settings(usesLinks: false));

        new FileInfo(Path.Combine(snapshot.Folder, "model.safetensors")).LinkTarget.Should().BeNull();
        File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")).Should().Equal(Weights);
        Directory.GetFiles(Blobs).Should().BeEmpty();
        Hub.Requests.Clear();
        await GetModel(Settings(usesLinks: false));
        Hub.StoreRequests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_cache_that_Python_made_is_used_offline()
    {
        var folder = Path.Combine(Cache, "models--t5-base", "snapshots", new string('a', 40));
        var blobs = Path.Combine(Cache, "models--t5-base", "blobs");
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(blobs);
        Directory.CreateDirectory(Path.Combine(Cache, "models--t5-base", "refs"));
        File.WriteAllText(Path.Combine(Cache, "models--t5-base", "refs", "main"), new string('a', 40));
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            File.WriteAllBytes(Path.Combine(blobs, "etag-of-" + file[..5]), [1]);
            File.CreateSymbolicLink(Path.Combine(folder, file), "../../blobs/etag-of-" + file[..5]);
        }

        var snapshot = await GetModel(Settings(isOffline: true), "t5-base");

        snapshot.Folder.Should().Be(folder);
        Hub.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_of_added_tokens_that_was_never_asked_for_is_told_offline_and_fetched_online()
    {
        var commit = Hub.Commit("own/t5", ("config.json", Config, false), ("spiece.model", Spiece, true), ("model.safetensors", Weights, true),
            ("added_tokens.json", "{}"u8.ToArray(), false));
        var folder = (await GetModel(name: "own/t5")).Folder;
        var added = Path.Combine(folder, "added_tokens.json");

        // As a version left it that did not know this file.
        File.Delete(added);
        (await GetModel(Settings(isOffline: true), "own/t5")).Note.Should().Match("*does not say whether 'own/t5' has added_tokens.json.*");
        var down = await GetModel(Settings(endpoint: new Uri("http://127.0.0.1:1")), "own/t5", commit);
        down.Note.Should().Match("*cannot be reached*does not say whether 'own/t5' has added_tokens.json.*");
        (await GetModel(name: "own/t5", revision: commit)).Note.Should().BeNull();
        File.Exists(added).Should().BeTrue("a commit never changes, but not all of it was asked for");
        (await GetModel(Settings(isOffline: true), "own/t5")).Note.Should().BeNull();
    }

    [Fact]
    public async Task A_tokenizer_json_has_every_added_token()
    {
        Hub.Commit("own/fast", ("config.json", Config, false), ("tokenizer.json", [1], false), ("model.safetensors", Weights, true));
        var folder = (await GetModel(name: "own/fast")).Folder;
        Directory.Delete(Path.Combine(Cache, "models--own--fast", ".no_exist"), recursive: true);

        (await GetModel(Settings(isOffline: true), "own/fast")).Note.Should().BeNull();
        File.Exists(Path.Combine(folder, "tokenizer.json")).Should().BeTrue();
    }

    [Fact]
    public async Task Offline_nothing_is_asked_and_what_lacks_is_told_with_the_command_that_brings_it()
    {
        var get = () => GetModel(Settings(isOffline: true), revision: "v1");

        (await get.Should().ThrowAsync<HubException>()).WithMessage($"*'google/t5-tiny' at 'v1' is not in the cache '{Cache}'*")
            .Which.Remedies.Should().Equal(new Remedy.Download("google/t5-tiny", "v1", IsDataSet: false));
        Hub.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_hub_that_is_down_leaves_what_the_cache_holds()
    {
        await GetModel();
        var down = Settings(endpoint: new Uri("http://127.0.0.1:1"));

        var snapshot = await GetModel(down);

        snapshot.Commit.Should().Be(Commit);
        snapshot.Note.Should().Contain("http://127.0.0.1:1 cannot be reached").And.Contain(Commit);
        var other = () => GetModel(down, "some/other");
        await other.Should().ThrowAsync<HubTransferException>();
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_serves_what_it_holds_and_refuses_more()
    {
        await GetModel();
        File.Delete(Path.Combine(Repository, "refs", "main"));
        Directory.CreateDirectory(Path.Combine(Repository, "refs", "main"));

        (await GetModel()).Commit.Should().Be(Commit);

        Directory.CreateDirectory(Path.Combine(Cache, "models--new"));
        File.WriteAllText(Path.Combine(Cache, "models--new", "blobs"), "");
        Hub.Commit("new", ("config.json", Config, false));
        var get = () => GetModel(name: "new");
        (await get.Should().ThrowAsync<HubException>()).WithMessage($"Cannot write to the cache '{Cache}'*HF_HUB_CACHE*");
    }

    [Fact]
    public async Task Two_downloads_at_once_fetch_every_blob_once()
    {
        Hub.AtStore = async (_, _) =>
        {
            await Task.Delay(50);
            return false;
        };

        var snapshots = await Task.WhenAll(GetModel(), GetModel(), GetModel());

        snapshots.Should().OnlyContain(snapshot => snapshot.Commit == Commit);
        Hub.StoreRequests.Should().HaveCount(2);
        EverythingFinalIsWhole();
    }

    private static IEnumerable<string> Relative(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path));
}
