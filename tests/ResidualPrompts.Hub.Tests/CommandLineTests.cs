using System.Text;
using System.Text.Json;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Hub.Tests;

/// <summary>The real program, which knows the fake hub by its environment variables alone.</summary>
public sealed class CommandLineTests : HubFixture
{
    private const string Nano = "org/nano";
    private const string Row = "{\"text\": \"a dull , lifeless film .\"}";

    private readonly TemporaryFolder _folder = new();

    /// <summary>The program where it was built: what it shares with the fake hub's web server is missing beside the tests.</summary>
    private static string ProgramPath => Path.Combine(
        Snapshot.Repository(), "src", "ResidualPrompts.Cli", "bin",
            Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!, "net10.0", "residual-prompts");

    private static string NanoFolder => Path.Combine(AppContext.BaseDirectory, "assets", "models", "t5-nano");

    [Fact]
    public async Task A_downloaded_model_is_scored_offline_as_the_folder_is()
    {
        AddNano();

        var download = await Run("", "hub", "download", Nano);
        Hub.Requests.Clear();
        var offline = await Run(Row, "score", "--model", Nano, "--labels", "negative,positive", "--offline");
        var bundled = await Run(Row, "score", "--model", "t5-nano", "--labels", "negative,positive");

        download.ExitCode.Should().Be(0, download.Error);
        download.Output.TrimEnd('\n').Should().StartWith(Path.Combine(Cache, "models--org--nano", "snapshots"));
        download.Error.Should().Contain("downloaded model.safetensors");
        offline.ExitCode.Should().Be(0, offline.Error);
        offline.Output.Should().Be(bundled.Output).And.Contain("scores");
        offline.Error.Should().NotContain("note:");
        Hub.Requests.Should().BeEmpty();
        Directory.Delete(Path.Combine(Cache, "models--org--nano", ".no_exist"), recursive: true);
        (await Run(Row, "score", "--model", Nano, "--labels", "negative,positive", "--offline")).ShouldSucceed()
            .Error.Should().Contain("note: The cache does not say whether 'org/nano' has");
        (await Run("", "train", "--model", Nano, "--task", "subj", "--max-steps", "1", "--save-dir", _folder.Path, "--save-name", "run", "--offline"))
            .ShouldSucceed().Error.Should().Contain("note: The cache does not say whether 'org/nano' has");
        var list = await Run("", "hub", "list", "--json");
        using var json = JsonDocument.Parse(list.Output);
        json.RootElement.GetProperty("name").GetString().Should().Be(Nano);
        json.RootElement.GetProperty("revisions")[0].GetProperty("names")[0].GetString().Should().Be("main");
        (await Run("", "hub", "list")).Output.Should().Contain("org/nano").And.Contain("MB").And.Contain("main");
    }

    [Fact]
    public async Task What_is_wrong_without_the_model_is_said_before_the_hub_is_asked_for_it()
    {
        AddNano();
        string[] train = ["train", "--model", Nano, "--save-dir", _folder.Path, "--save-name", "run"];
        string[] own = ["--template", "{titel}", "--label-words", "0=a,1=b"];
        (await Run("", [.. train, "--task", "subj", "--epochs", "0"])).ShouldBeRefused("--epochs is 0, *");
        (await Run("", [.. train, "--task", "subj", "--data", "./no.csv"])).ShouldBeRefused("No data './no.csv'*");
        (await Run("", [.. train, "--data", "subj", .. own])).ShouldBeRefused("*no field 'titel'*");
        (await Run("", "evaluate", "--model", Nano, "--task", "subj", "--data", "./no.csv")).ShouldBeRefused("No data './no.csv'*");
        (await Run("", "evaluate", "--model", Nano, "--task", "subj", "--prompt", "./no.npy")).ShouldBeRefused("No prompt './no.npy'*");
        (await Run("", "serve", "--model", Nano, "--port", "70000")).ShouldBeRefused("--port is 70000*");
        (await Run("", "tokenize", "--model", Nano, "--input", "./no.txt")).ShouldBeRefused("./no.txt cannot be read*");
        Hub.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task PyTorchs_file_gives_what_safetensors_give()
    {
        Directory.CreateDirectory(_folder.File("model"));
        var raw = new RawTorchFile().Code('}');
        using (var scope = NewDisposeScope())
        {
            var weights = TinyT5.Weights(TinyT5.Version11);
            ModelFolder.Write(_folder.File("model"), TinyT5.Version11, weights);
            foreach (var (name, weight) in weights)
            {
                var strides = weight.shape.Select((_, dimension) => weight.shape[(dimension + 1)..].Aggregate(1L, (product, size) => product * size))
                    .ToArray();
                raw.Text(name).Tensor("FloatStorage", name, weight.numel(), 0, weight.shape, strides).Code('s')
                    .Data(name, weight.contiguous().bytes.ToArray());
            }
        }

        Hub.Commit("old/bin", ("config.json", File.ReadAllBytes(_folder.File("model", "config.json")), false),
            ("pytorch_model.bin", raw.Bytes(), true));
        const string Ids = "{\"input_ids\": [5, 9, 33, 1]}";

        var bin = await Run(Ids, "score", "--model", "old/bin", "--label-ids", "[[5,1],[7,1]]");
        var safetensors = await Run(Ids, "score", "--model", _folder.File("model"), "--label-ids", "[[5,1],[7,1]]");

        bin.ExitCode.Should().Be(0, bin.Error);
        bin.Output.Should().Be(safetensors.Output).And.Contain("scores");
        Directory.GetFiles(Path.Combine(Cache, "models--old--bin", "snapshots"), "*.safetensors", SearchOption.AllDirectories).Should().BeEmpty();
        Directory.GetFiles(_folder.File("cache", "residual-prompts", "converted")).Should().ContainSingle();
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    [InlineData("KILL", 137)]
    public async Task A_download_that_is_stopped_leaves_a_cache_that_the_next_run_completes(string signal, int exitCode)
    {
        AddNano();
        var arrived = new TaskCompletionSource();
        Hub.AtStore = async (context, content) =>
        {
            if (content.Length < 1_000_000)
                return false;
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, 1_000_000));
            await context.Response.Body.FlushAsync();
            arrived.TrySetResult();
            await Task.Delay(TimeSpan.FromSeconds(60), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        using var process = Program.Start("hub", "download", Nano);
        var ending = ProgramProcess.Finish(process);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var blobs = Path.Combine(Cache, "models--org--nano", "blobs");
        while (!Directory.EnumerateFiles(blobs, "*.incomplete").Any(path => new FileInfo(path).Length >= 1_000_000))
            await Task.Delay(20, TestContext.Current.CancellationToken);

        ProgramProcess.Send(signal, process.Id);
        var stopped = await ending;

        stopped.ExitCode.Should().Be(exitCode, stopped.Error);
        var whole = Directory.GetFiles(blobs).Where(path => !path.EndsWith(".incomplete")).ToList();
        whole.Should().OnlyContain(path => Path.GetFileName(path) == (Path.GetFileName(path)
            .Length == 64 ? FakeHub.Sha256(File.ReadAllBytes(path)) : FakeHub.GitSha1(File.ReadAllBytes(path))));
        whole.Should().NotContain(path => new FileInfo(path).Length > 1_000_000);
        (await Run("", "score", "--model", Nano, "--labels", "a", "--offline")).ExitCode.Should().Be(2);

        Hub.AtStore = (_, _) => Task.FromResult(false);
        Hub.Requests.Clear();
        var next = await Run("", "hub", "download", Nano);
        next.ExitCode.Should().Be(0, next.Error);
        Hub.StoreRequests.Should().ContainSingle().Which.Range.Should().Be("bytes=1000000-");
        Directory.GetFiles(blobs, "*.incomplete").Should().BeEmpty();
        File.ReadAllBytes(Path.Combine(next.Output.TrimEnd('\n'), "model.safetensors"))
            .Should().Equal(File.ReadAllBytes(Path.Combine(NanoFolder, "model.safetensors")));
    }

    [Fact]
    public async Task Two_processes_at_once_share_one_download()
    {
        AddNano();
        Hub.AtStore = async (_, content) =>
        {
            await Task.Delay(content.Length > 1_000_000 ? 1500 : 0);
            return false;
        };

        var results = await Task.WhenAll(Run("", "hub", "download", Nano), Run("", "hub", "download", Nano));

        results.Should().OnlyContain(result => result.ExitCode == 0);
        results[0].Output.Should().Be(results[1].Output);
        Hub.StoreRequests.Count(request => request.Path.EndsWith("safetensors")).Should().Be(1);
    }

    [Fact]
    public async Task A_run_on_hub_data_and_model_is_evaluated_offline_and_again_when_the_cache_is_gone()
    {
        AddNano();
        var rows = string.Concat(Enumerable.Range(0, 8).Select(i => $"{{\"sentence\": \"row {i}\", \"label\": {i % 2}}}\n"));
        Hub.Commit("datasets/my/rows", ("one/train.jsonl", Encoding.UTF8.GetBytes(rows), false),
            ("one/validation.jsonl", Encoding.UTF8.GetBytes(rows), false));
        var run = _folder.File("run");

        var train = await Run("", "train", "--data", "my/rows:one", "--template", "say: {sentence}", "--label-words", "0=no,1=yes", "--model", Nano,
            "--save-dir", _folder.Path, "--save-name", "run", "--epochs", "1", "--prompt-length", "2");
        var offline = await Run("", "evaluate", run, "--offline");
        Directory.Delete(Cache, recursive: true);
        var gone = await Run("", "evaluate", run, "--offline");
        Hub.Commit(Nano, ("config.json", [.. File.ReadAllBytes(Path.Combine(NanoFolder, "config.json")), 32], false)); // main has moved on
        var again = await Run("", "evaluate", run);

        train.ExitCode.Should().Be(0, train.Error);
        offline.ExitCode.Should().Be(0, offline.Error);
        gone.ExitCode.Should().Be(2, gone.Error);
        gone.Error.Should().Contain($"hub download {Nano} --revision");
        again.ExitCode.Should().Be(0, again.Error);
        again.Output.Should().Be(offline.Output).And.Contain("\"n\":8");
        File.ReadAllText(Path.Combine(run, "run.json")).Should().Contain(Nano);
        File.ReadAllText(Path.Combine(run, "adapter", "adapter_config.json")).Should().Contain($"\"{Nano}\"");
    }

    [Fact]
    public async Task A_task_fetches_its_own_data_once_and_is_used_offline_and_listed()
    {
        var rows = string.Concat(Enumerable.Range(0, 8)
            .Select(i => $"{{\"premise\": \"row {i}\", \"hypothesis\": \"yes\", \"idx\": {i}, \"label\": {i % 3}}}\n"));
        var commit = Hub.Commit("datasets/aps/super_glue", ("cb/train.jsonl", Encoding.UTF8.GetBytes(rows), false),
            ("cb/validation.jsonl", Encoding.UTF8.GetBytes(rows), false), ("boolq/train.jsonl", [1], false));
        string[] train = ["train", "--task", "cb", "--model", "t5-nano", "--save-dir", _folder.Path, "--save-name", "run", "--epochs", "1",
            "--prompt-length", "2"];

        var missing = await Run("", [.. train, "--offline"]);
        var unknown = await Run("", "tasks", "show", "amazon");
        var trained = await Run("", train);
        Hub.Requests.Clear();
        var shown = await Run("", "tasks", "show", "cb", "--offline");
        var list = await Run("", "tasks", "list");
        Hub.Commit("datasets/aps/super_glue", ("cb/train.jsonl", Encoding.UTF8.GetBytes(rows[..^1] + " \n"), false)); // main has moved on
        var offline = await Run("", "evaluate", _folder.File("run"), "--offline");
        Directory.Delete(Cache, recursive: true);
        var again = await Run("", "evaluate", _folder.File("run"));

        missing.ExitCode.Should().Be(2, missing.Error);
        missing.Error.Should().Contain("The data of task cb is not on this machine: it is aps/super_glue:cb on the hub")
            .And.Contain("hub download aps/super_glue:cb --data-set").And.Contain("SuperGLUE CB");
        unknown.ExitCode.Should().Be(2);
        unknown.Error.Should().Contain("give --data with a folder or a file of Amazon reviews");
        trained.ExitCode.Should().Be(0, trained.Error);
        trained.Error.Should().Contain("downloaded cb/train.jsonl").And.NotContain("boolq");
        shown.Output.Split('\n')[0].Should().Be("{\"index\":0,\"text\":\"premise: row 0 hypothesis: yes\",\"target\":\"entailment\"}", shown.Error);
        list.Output.Split('\n').Should().ContainSingle(line => line.Trim().StartsWith("cb ")).Which.Should().Contain("train 8, validation 8")
            .And.Contain("aps/super_glue:cb");
        list.Output.Split('\n').Should().ContainSingle(line => line.Trim().StartsWith("boolq ")).Which.Should().NotContain("train")
            .And.Contain("aps/super_glue:boolq");
        offline.ExitCode.Should().Be(0, offline.Error);
        again.ExitCode.Should().Be(0, again.Error);
        again.Output.Should().Be(offline.Output).And.Contain("\"n\":8");
        Hub.Requests.Should().Contain(request => request.Path.Contains($"resolve/{commit}/cb/"));
    }

    [Fact]
    public async Task Messages_say_what_was_looked_for_where_and_never_the_token()
    {
        Hub.Token = "hf_right";

        var unknown = await Run(Row, "score", "--model", "no/such", "--labels", "a", "--verbose");
        var offline = await Run(Row, "score", "--model", "no/such", "--labels", "a", "--offline");
        var tokenize = await Run("x", "tokenize", "--model", "no/such", "--offline");
        var data = await Run("", "train", "--model", "t5-nano", "--data", "no/rows", "--template", "{a}", "--label-words", "0=no,1=yes",
            "--save-name", "x", "--offline");
        var bad = await Run("", "hub", "download", "a/b/c");

        unknown.ExitCode.Should().Be(2);
        unknown.Error.Should().Contain("not a bundled model (t5-nano)").And.Contain(Hub.Url.GetLeftPart(UriPartial.Authority))
            .And.Contain("The hub refuses access").And.NotContain(Token);
        Hub.Requests.Should().Contain(request => request.Authorization == $"Bearer {Token}");
        offline.ExitCode.Should().Be(2);
        offline.Error.Should().Contain("t5-nano").And.Contain(Cache).And.Contain("hub download no/such").And.NotContain(Token);
        tokenize.ExitCode.Should().Be(2);
        data.ExitCode.Should().Be(2);
        data.Error.Should().Contain("copa").And.Contain("hub download no/rows --data-set");
        bad.ExitCode.Should().Be(2);
        bad.Error.Should().Contain("'a/b/c' is not a name on the hub");
    }

    [Fact]
    public async Task A_hub_that_cannot_be_reached_is_a_failure_and_no_bad_input()
    {
        var result = await Program.With("HF_ENDPOINT", "http://127.0.0.1:1").Run("hub", "download", "a/b");

        result.ExitCode.Should().Be(1);
        result.Error.Should().StartWith("error: http://127.0.0.1:1 cannot be reached").And.NotContain("   at ");
    }

    private void AddNano() => Hub.Commit(Nano,
        [.. Directory.GetFiles(NanoFolder).Select(path => (Path.GetFileName(path), File.ReadAllBytes(path), new FileInfo(path).Length > 100_000))]);

    private ProgramProcess Program => new(ProgramPath)
    {
        Folder = _folder.Path,
        Environment = new Dictionary<string, string?>
        {
            ["HF_ENDPOINT"] = Hub.Url.ToString(),
            ["HF_HUB_CACHE"] = Cache,
            ["HF_TOKEN"] = Token,
            ["XDG_CACHE_HOME"] = _folder.File("cache"),
        },
    };

    private Task<ProgramResult> Run(string input, params string[] arguments) => Program.RunWith(input, arguments);
}
