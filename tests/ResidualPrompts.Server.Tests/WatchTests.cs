using System.Net;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server.Tests;

/// <summary>Folders of prompts that somebody else writes: in place, by links, with pipes in them.</summary>
public sealed class WatchTests : IDisposable
{
    private static readonly LabelWords Words = LabelWords.Of(("0", "negative"), ("1", "positive"));
    private readonly TinyPrompts _model = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Reviews => Path.Combine(_model.Prompts, "reviews");

    [Fact]
    public async Task Rewriting_files_in_place_serves_whole_versions_and_the_last_one_at_the_end()
    {
        var versions = Enumerable.Range(0, 3).Select(version => Version($"v{version}", 4 + (2 * version), 50 + version)).ToArray();
        await using var client = await Client.Start(_model.Options());
        var before = await Scores(client);
        using var enough = new CancellationTokenSource();
        var seen = new List<double>();
        var asking = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                    seen.Add(await Scores(client));
            },
            Stop);
        for (var round = 0; round < 600; round++)
        {
            Copy(versions[round % 3].Folder, Reviews);
            await Task.Delay(2, Stop);
        }

        Copy(versions[1].Folder, Reviews);
        await Client.Until(async () => Math.Abs(await Scores(client) - versions[1].Score) < 1e-5);
        await enough.CancelAsync();
        await asking;
        double[] whole = [before, .. versions.Select(version => version.Score)];
        seen.Should().OnlyContain(score => whole.Any(one => Math.Abs(one - score) < 1e-5), "no mixture is served");
    }

    [Fact]
    public async Task A_file_that_is_cut_under_the_server_ends_nothing()
    {
        await using var client = await Client.Start(_model.Options());
        var before = await Scores(client);
        foreach (var folder in new[] { Reviews, _model.Model })
        {
            foreach (var file in Directory.GetFiles(folder, "*.safetensors"))
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                stream.SetLength(10);
            }
        }

        (await Scores(client)).Should().BeApproximately(before, 1e-6);
        await Client.Until(async () => await Problem(client, "reviews") is not null);
        (await Scores(client)).Should().BeApproximately(before, 1e-6);
    }

    [Fact]
    public async Task A_volume_of_kubernetes_is_followed_when_its_link_is_renamed()
    {
        var (first, second) = (Version("..1", 4, 60), Version("..2", 6, 61));
        var mount = Path.Combine(_model.Prompts, "mounted");
        Directory.CreateDirectory(mount);
        Directory.Move(first.Folder, Path.Combine(mount, "..1"));
        Directory.Move(second.Folder, Path.Combine(mount, "..2"));
        Directory.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        foreach (var file in Directory.GetFiles(Path.Combine(mount, "..1")).Select(Path.GetFileName))
            File.CreateSymbolicLink(Path.Combine(mount, file!), Path.Combine("..data", file!));
        await using var client = await Client.Start(_model.Options());
        (await Scores(client, "mounted")).Should().BeApproximately(first.Score, 1e-5);
        Directory.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");
        RawHttp.RenameLink(Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data"));
        await Client.Until(async () => Math.Abs(await Scores(client, "mounted") - second.Score) < 1e-5);
    }

    [Fact]
    public async Task The_directory_itself_may_be_a_volume_of_kubernetes()
    {
        var (first, second) = (Version("..1/one", 4, 60), Version("..2/one", 6, 61));
        var mount = Path.Combine(_model.Root, "versions");
        Directory.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        Directory.CreateSymbolicLink(Path.Combine(mount, "one"), Path.Combine("..data", "one"));
        await using var client = await Client.Start(_model.Options() with { Prompts = mount });
        (await client.PromptNames()).Should().Equal("none", "one");
        (await Scores(client, "one")).Should().BeApproximately(first.Score, 1e-5);
        Directory.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");
        RawHttp.RenameLink(Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data"));
        await Client.Until(async () => Math.Abs(await Scores(client, "one") - second.Score) < 1e-5);
    }

    [Fact]
    public async Task A_directory_that_is_itself_an_adapter_is_explained()
    {
        await using var client = await Client.Start(_model.Options() with { Prompts = Reviews });
        (await client.PromptNames()).Should().Equal("none");
        client.Log.Should().ContainSingle(line => line.StartsWith("Warning: The directory of prompts is itself an adapter directory"));
    }

    [Fact]
    public async Task A_link_that_leads_to_another_large_file_of_the_same_size_and_time_is_noticed()
    {
        var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var (first, second) = (Version("a", 4, 70), Version("b", 4, 71));
        foreach (var (folder, name) in new[] { (first.Folder, ".first"), (second.Folder, ".second") })
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            using var rows = Adapters.PromptFile.Read(folder);
            var file = Path.Combine(_model.Prompts, name);
            Models.Weights.SafetensorsWriter.Write(file, new Dictionary<string, TorchSharp.torch.Tensor>
            {
                ["prompt_embeddings"] = rows.Forward().detach(),
                ["other"] = TorchSharp.torch.zeros(17 << 20, TorchSharp.torch.uint8),
            });
            File.SetLastWriteTimeUtc(file, time);
        }

        Copy(first.Folder, Reviews);
        var link = Path.Combine(Reviews, "adapter_model.safetensors");
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine("..", ".first"));
        await using var client = await Client.Start(_model.Options());
        (await Scores(client)).Should().BeApproximately(first.Score, 1e-5);
        File.CreateSymbolicLink(link + "_new", Path.Combine("..", ".second"));
        RawHttp.RenameLink(link + "_new", link);
        await Client.Until(async () => Math.Abs(await Scores(client) - second.Score) < 1e-5);
    }

    [Fact]
    public async Task Names_and_texts_cannot_forge_a_line_of_the_log()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file system there allows such a name");
        const string Name = "x\u001b[31m\nInfo: forged";
        _model.AddPrompt(Name, 3, 5);
        await using var client = await Client.Start(_model.Options() with { LogInputs = true });
        await client.Scores(new { prompt = Name, inputs = new[] { "a\r\nInfo: forged \u202e" }, labels = TinyPrompts.Reviews });
        Directory.Delete(Path.Combine(_model.Prompts, Name), recursive: true);
        await Client.Until(() => Task.FromResult(client.Log.Any(line => line.Contains("was removed"))));
        client.Log.Should().Contain(line => line.Contains(@"x\u001b[31m\u000aInfo: forged is in service"))
            .And.Contain(line => line.Contains(@"a\u000d\u000aInfo: forged \u202e"));
        client.Log.Should().NotContain(line => line.Any(char.IsControl) || line.Contains('\u202e'));
    }

    [Fact]
    public async Task The_directory_itself_may_be_a_link_that_leads_elsewhere_later()
    {
        var (first, second) = (Version("a/one", 4, 62), Version("b/one", 6, 63));
        var link = Path.Combine(_model.Root, "current");
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(first.Folder)!);
        await using var client = await Client.Start(_model.Options() with { Prompts = link });
        (await Scores(client, "one")).Should().BeApproximately(first.Score, 1e-5);
        Directory.CreateSymbolicLink(link + "_new", Path.GetDirectoryName(second.Folder)!);
        RawHttp.RenameLink(link + "_new", link);
        await Client.Until(async () => Math.Abs(await Scores(client, "one") - second.Score) < 1e-5);
    }

    [Fact]
    public async Task Another_content_of_the_same_size_and_time_is_noticed()
    {
        var other = Version("v", 5, 64);
        await using var client = await Client.Start(_model.Options());
        foreach (var file in Directory.GetFiles(other.Folder))
        {
            var target = Path.Combine(Reviews, Path.GetFileName(file));
            var time = File.GetLastWriteTimeUtc(target);
            new FileInfo(file).Length.Should().Be(new FileInfo(target).Length);
            File.Copy(file, target, overwrite: true);
            File.SetLastWriteTimeUtc(target, time);
        }

        await Client.Until(async () => Math.Abs(await Scores(client) - other.Score) < 1e-5);
    }

    [Fact]
    public async Task A_changed_file_of_an_older_peft_is_noticed()
    {
        var other = Version("v", 5, 65);
        foreach (var folder in new[] { Reviews, other.Folder })
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var file = Path.Combine(folder, "adapter_model.safetensors");
            using (var rows = Adapters.PromptFile.Read(folder))
                Models.Weights.TorchFiles.TorchTensorWriter.Write(Path.Combine(folder, "adapter_model.bin"), rows.Forward().detach());
            File.Delete(file);
        }

        await using var client = await Client.Start(_model.Options());
        File.Copy(Path.Combine(other.Folder, "adapter_model.bin"), Path.Combine(Reviews, "adapter_model.bin"), overwrite: true);
        await Client.Until(async () => Math.Abs(await Scores(client) - other.Score) < 1e-5);
    }

    [Theory]
    [InlineData("adapter_model.safetensors")]
    [InlineData("adapter_config.json")]
    [InlineData("residual_prompt.json")]
    public async Task A_link_of_a_file_that_leads_out_is_refused(string name)
    {
        var other = Version("v", 5, 66);
        await using var client = await Client.Start(_model.Options());
        var before = await Scores(client);
        File.Delete(Path.Combine(Reviews, name));
        File.CreateSymbolicLink(Path.Combine(Reviews, name), Path.Combine(other.Folder, name));
        await Client.Until(async () => await Problem(client, "reviews") is not null);
        (await Problem(client, "reviews")).Should().Be(
            $"{name} is a link to a path outside the directory of prompts, which is not followed; copy the file instead");
        (await Scores(client)).Should().BeApproximately(before, 1e-6, "the old version stays in service");
    }

    [Fact]
    public async Task A_way_out_in_the_middle_of_links_is_refused_and_links_inside_are_followed()
    {
        var outside = Version("outside", 5, 67);
        Directory.CreateSymbolicLink(Path.Combine(_model.Prompts, ".hop"), outside.Folder);
        foreach (var (name, target) in new[] { ("through", Path.Combine("..", ".hop")), ("inside", Path.Combine("..", "reviews")) })
        {
            Directory.CreateDirectory(Path.Combine(_model.Prompts, name));
            foreach (var file in Directory.GetFiles(Reviews).Select(Path.GetFileName))
                File.CreateSymbolicLink(Path.Combine(_model.Prompts, name, file!), Path.Combine(target, file!));
        }

        Directory.CreateSymbolicLink(Path.Combine(_model.Prompts, "alias"), "others");
        Directory.CreateSymbolicLink(Path.Combine(_model.Prompts, "circle"), "circle");
        await using var client = await Client.Start(_model.Options());
        (await Problem(client, "through")).Should().Contain("adapter_config.json is a link to a path outside");
        (await Problem(client, "inside")).Should().BeNull();
        (await Problem(client, "alias")).Should().BeNull();
        (await client.PromptNames()).Should().Equal("alias", "inside", "none", "others", "reviews", "subjects", "through");
    }

    [Fact]
    public async Task Blobs_of_the_same_repository_of_the_hubs_cache_count_as_inside()
    {
        var prompt = Version("v", 5, 68);
        string Repository(string name) => Path.Combine(_model.Root, "hub", name);
        var snapshot = Path.Combine(Repository("models--me--prompts"), "snapshots", "0123");
        foreach (var (name, repository) in new[] { ("own", "models--me--prompts"), ("foreign", "models--you--prompts") })
        {
            Directory.CreateDirectory(Path.Combine(snapshot, name));
            Directory.CreateDirectory(Path.Combine(Repository(repository), "blobs"));
            foreach (var file in Directory.GetFiles(prompt.Folder))
            {
                var blob = Path.Combine(Repository(repository), "blobs", Path.GetFileName(file) + name);
                File.Copy(file, blob);
                File.CreateSymbolicLink(Path.Combine(snapshot, name, Path.GetFileName(file)),
                    Path.GetRelativePath(Path.Combine(snapshot, name), blob));
            }
        }

        await using var client = await Client.Start(_model.Options() with { Prompts = snapshot });
        (await Scores(client, "own")).Should().BeApproximately(prompt.Score, 1e-5);
        (await Problem(client, "foreign")).Should().Contain("is a link to a path outside the directory of prompts");
    }

    [Theory]
    [InlineData("adapter_config.json", false)]
    [InlineData("adapter_config.json", true)]
    [InlineData("residual_prompt.json", false)]
    [InlineData("residual_prompt.json", true)]
    [InlineData("adapter_model.safetensors", false)]
    [InlineData("adapter_model.safetensors", true)]
    public async Task A_pipe_or_a_device_in_a_prompts_place_stops_neither_predictions_nor_the_watching(string name, bool isDevice)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes a pipe");
        await using var client = await Client.Start(_model.Options());
        var path = Path.Combine(Reviews, name);
        File.Delete(path);
        if (isDevice)
            File.CreateSymbolicLink(path, "/dev/zero");
        else
            SpecialFile.MakePipe(path);
        await Client.Until(async () => await Problem(client, "reviews") is not null);
        (await Problem(client, "reviews")).Should().NotContain(_model.Root);
        await Scores(client);
        _model.AddPrompt("new", 4, 9, "{text}", Words);
        await Client.Until(async () => (await client.PromptNames()).Contains("new"));
        (await client.Get("/health/ready")).Status.Should().Be(HttpStatusCode.OK);
        File.Delete(path);
        _model.AddPrompt("reviews", 5, 1, "review: {text}", Words);
        await Client.Until(async () => await Problem(client, "reviews") is null);
    }

    [Fact]
    public async Task Watching_goes_on_after_the_directory_was_away_and_says_so_once()
    {
        await using var client = await Client.Start(_model.Options());
        Directory.Move(_model.Prompts, _model.Prompts + "-away");
        await Client.Until(() => Task.FromResult(client.Log.Any(line => line.Contains("the served prompts stay"))));
        await Scores(client);
        await Task.Delay(1200, Stop);
        client.Log.Count(line => line.Contains("the served prompts stay")).Should().Be(1);
        Directory.Move(_model.Prompts + "-away", _model.Prompts);
        _model.AddPrompt("new", 4, 9, "{text}", Words);
        await Client.Until(async () => (await client.PromptNames()).Contains("new"));
        client.Log.Should().Contain(line => line.Contains("is read again"));
    }

    [Fact]
    public async Task A_directory_called_none_that_is_removed_leaves_the_backbone_in_service()
    {
        _model.AddPrompt("none", 3, 5);
        await using var client = await Client.Start(_model.Options());
        (await Problem(client, "none")).Should().Contain("reserved");
        Directory.Delete(Path.Combine(_model.Prompts, "none"), recursive: true);
        await Client.Until(async () => await Problem(client, "none") is null);
        (await client.PromptNames()).Should().Contain("none");
    }

    [Fact]
    public async Task Answers_name_files_relative_to_the_directory_of_prompts()
    {
        _model.AddPrompt("../elsewhere", 3, 5);
        await using var client = await Client.Start(_model.Options());
        await File.WriteAllTextAsync(Path.Combine(Reviews, "adapter_config.json"), "{", Stop);
        await File.WriteAllTextAsync(Path.Combine(_model.Prompts, "others", "residual_prompt.json"), "[]", Stop);
        await Client.Until(async () => await Problem(client, "reviews") is not null && await Problem(client, "others") is not null);
        (await Problem(client, "reviews")).Should().StartWith("reviews/adapter_config.json: ");
        (await Problem(client, "others")).Should().StartWith("others/residual_prompt.json: ");
        client.Log.Should().Contain(line => line.Contains(Path.Combine(Reviews, "adapter_config.json")));
    }

    public void Dispose() => _model.Dispose();

    private static async Task<double> Scores(Client client, string prompt = "reviews") =>
        (await client.Scores(new { prompt, inputs = new[] { "warm" }, labels = TinyPrompts.Reviews }))[0][0];

    private static async Task<string?> Problem(Client client, string name) =>
        (await client.Get("/v1/prompts"))["prompts"].AsArray()
            .Single(prompt => prompt!["name"]!.GetValue<string>() == name)!["problem"]?.GetValue<string>();

    private static void Copy(string folder, string target)
    {
        foreach (var file in Directory.GetFiles(folder))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true); // cuts the file and writes it again
    }

    /// <summary>A version of a prompt outside the served directory, and its score.</summary>
    private (string Folder, double Score) Version(string name, int length, int seed)
    {
        _model.AddPrompt($"../versions/{name}", length, seed, "review: {text}", Words);
        return (Path.Combine(_model.Root, "versions", name), _model.Offline($"../versions/{name}", "warm", TinyPrompts.Reviews)[0]);
    }
}
