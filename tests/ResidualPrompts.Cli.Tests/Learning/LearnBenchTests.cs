using System.Text.Json.Nodes;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests.Learning;

/// <summary><c>bench learn</c> trains ordinary runs, continues where it stopped, and says what it found.</summary>
public sealed class LearnBenchTests(TinyPrompts tiny) : IClassFixture<TinyPrompts>, IDisposable
{
    private static readonly string[] Methods = ["prompt tuning", "residual prompt tuning", "mlp without skip"];
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_method_is_in_the_table_the_json_and_the_chart()
    {
        var result = (await Learn("--curves", _folder.File("learn.svg"), "--json", _folder.File("learn.json"))).ShouldSucceed();
        result.Error.Should().Contain("12 runs of 10 steps, 0 of them finished already; the others take about ").And.Contain("run 12 of 12: ");
        foreach (var method in Methods)
            result.Output.Should().Contain(method);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(_folder.File("learn.json"), Stop))!;
        json["methods"]!.AsArray().Select(method => method!["method"]!.GetValue<string>()).Should().Equal(Methods);
        json["constant"]!.GetValue<double>().Should().Be(0.5, "the validation rows have as many of each class");
        var constant = json["constant"]!.GetValue<double>();
        var finals = json["methods"]!.AsArray().Select(method => Last(method!)).ToArray();
        if (finals.Max() > constant)
            json["threshold"]!.GetValue<double>().Should().BeApproximately(constant + (0.95 * (finals.Max() - constant)), 1e-12);
        else
            json["threshold"].Should().BeNull();
        foreach (var method in json["methods"]!.AsArray())
        {
            method!["curve"]!.AsArray().Select(point => point!["step"]!.GetValue<int>()).Should().Equal(5, 10);
            method["final_by_learning_rate"]!.AsObject().Select(pair => pair.Value!.GetValue<double>()).Max().Should().Be(Last(method));
        }

        var svg = await File.ReadAllTextAsync(_folder.File("learn.svg"), Stop);
        foreach (var word in Methods.Append("constant answer"))
            svg.Should().Contain(word);

        static double Last(JsonNode method) => method["curve"]!.AsArray()[^1]!["accuracy"]!["median"]!.GetValue<double>();
    }

    [Fact]
    public async Task Runs_that_are_there_are_used_and_further_seeds_are_added()
    {
        var first = (await Learn("--seeds", "0", "--rates", "0.3")).ShouldSucceed();
        first.Error.Should().Contain("3 runs of 10 steps");
        var run = _folder.File("runs", "residual-prompt-tuning", "rate-0.3", "seed-0");
        var (bytes, time) = (File.ReadAllBytes(Path.Combine(run, "run.json")), File.GetLastWriteTimeUtc(Path.Combine(run, "prompt.npy")));
        var again = (await Learn("--seeds", "0", "--rates", "0.3")).ShouldSucceed();
        again.Error.Should().Contain("3 runs of 10 steps, 3 of them finished already").And.NotContain("run 1 of");
        again.Output.Should().Be(first.Output);
        (await Learn("--seeds", "0,1", "--rates", "0.3")).ShouldSucceed().Error.Should().Contain("6 runs of 10 steps, 3 of them finished already");
        File.ReadAllBytes(Path.Combine(run, "run.json")).Should().Equal(bytes);
        File.GetLastWriteTimeUtc(Path.Combine(run, "prompt.npy")).Should().Be(time);
        (await InProcess.Run("compare", _folder.File("runs", "mlp-without-skip", "rate-0.3"))).ShouldSucceed();
    }

    [Fact]
    public async Task Runs_of_other_settings_or_another_model_are_refused_and_stay()
    {
        (await Learn("--seeds", "0", "--rates", "0.3")).ShouldSucceed();
        var before = TinyFolder.Files(_folder.File("runs"));
        (await Learn("--seeds", "0", "--rates", "0.3", "--few-shot", "4"))
            .ShouldBeRefused("*was begun with other settings: few_shot changed. Name another folder with --save-dir, or delete this one.*");
        TinyFolder.Copy(tiny.Model, _folder.File("model"));
        string[] inPlace = ["--seeds", "0", "--rates", "0.3", "--save-dir", _folder.File("others"), "--model", _folder.File("model")];
        (await Learn(inPlace)).ShouldSucceed();
        File.AppendAllText(_folder.File("model", "config.json"), "\n");
        (await Learn(inPlace))
            .ShouldBeRefused("*was begun with other settings: model_digests changed. Name another folder*");
        TinyFolder.Files(_folder.File("runs")).Should().Equal(before);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    public async Task A_killed_bench_continues_and_ends_with_the_numbers_of_an_undisturbed_one(int operations)
    {
        string[] options = ["--seeds", "0", "--rates", "0.3", "--json"];
        (await Learn([.. options, _folder.File("whole.json")])).ShouldSucceed();
        Directory.Delete(_folder.File("runs"), recursive: true);
        new FaultyDisk(operations).Run(() => Learn([.. options, _folder.File("killed.json")]).GetAwaiter().GetResult().ShouldSucceed())
            .Should().NotBeNull();
        File.Exists(_folder.File("killed.json")).Should().BeFalse();
        (await Learn([.. options, _folder.File("killed.json")])).ShouldSucceed();
        Numbers("killed.json").Should().Be(Numbers("whole.json"));
    }

    [Fact]
    public async Task Where_every_run_diverges_nothing_is_reached_and_nothing_fails()
    {
        var model = _folder.File("model");
        TinyFolder.Copy(tiny.Model, model);
        using (NewDisposeScope())
        {
            var config = TinyT5.Version10 with { VocabularySize = 8128 };
            var weights = TinyT5.Weights(config, 3);
            weights["decoder.final_layer_norm.weight"].fill_(float.NaN);
            ModelFolder.Write(model, config, weights);
        }

        var result = (await Learn("--seeds", "0", "--rates", "0.3", "--model", model)).ShouldSucceed();
        result.Error.Should().Contain("run 3 of 3: mlp without skip, rate 0.3, seed 0: diverged, so this rate is not chosen.");
        result.Output.Should().Contain("all diverged").And.Contain("not reached").And.Contain("No method ends above the constant answer's accuracy");
    }

    [Theory]
    [InlineData("--rates is 0.1,0.1, expected different numbers above 0*", "--rates", "0.1,0.1")]
    [InlineData("--rates is 0, expected *", "--rates", "0")]
    [InlineData("--rates has 1E+30, which is 1E+30, expected less than 1 / weight_decay*", "--rates", "0.1,1e30")]
    [InlineData("--seeds is x, expected *", "--seeds", "x")]
    [InlineData("--steps is 0, expected at least 1.*", "--steps", "0")]
    [InlineData("--curves is a.gif, expected *", "--curves", "a.gif")]
    [InlineData("*o task 'sobj'*Did you mean subj*", "--task", "sobj")]
    public async Task Options_that_make_no_sense_are_refused_before_anything_is_written(string message, params string[] options)
    {
        (await Learn(options)).ShouldBeRefused(message);
        Directory.Exists(_folder.File("runs")).Should().BeFalse();
    }

    private Task<ProgramResult> Learn(params string[] options) =>
        InProcess.Run(
        [
            "bench", "learn", "--quick", .. options.Contains("--model") ? Array.Empty<string>() : ["--model", tiny.Model],
            .. options.Contains("--save-dir") ? Array.Empty<string>() : ["--save-dir", _folder.File("runs")], .. options,
        ]);

    private string Numbers(string file)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder.File(file)))!;
        foreach (var method in json["methods"]!.AsArray())
        {
            method!.AsObject().Remove("seconds_to_threshold");
            foreach (var point in method["curve"]!.AsArray())
                point!.AsObject().Remove("seconds");
        }

        return json.ToJsonString();
    }
}
