using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.CultureTests;

/// <summary>A whole run in a culture leaves the bytes that it leaves without one.</summary>
public sealed class TrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void A_run_writes_the_same_files(string name)
    {
        LibTorch.EnsureLoaded();
        var rows = Rows();
        var (here, invariant) = Culture.Both(name, () => Files(rows));
        here.Keys.Should().BeEquivalentTo(invariant.Keys).And.Contain(
            ["run.json", "events.jsonl", "metrics.csv", "prompt.npy", "adapter/adapter_config.json", "adapter/residual_prompt.json",
                "adapter/README.md", "predictions/validation.jsonl"]);
        foreach (var (file, content) in invariant)
            here[file].Should().Be(content, file);
        invariant["metrics.csv"].Split('\n')[1].Should().MatchRegex(@"^\d+,1,validation,(\d\.)?\d+,");
        invariant["run.json"].Should().Contain("\"learning_rate\": 0.25").And.Contain("uniform:0.5");
    }

    [Fact]
    public void A_run_goes_on_in_another_culture()
    {
        LibTorch.EnsureLoaded();
        var rows = Rows();
        var spec = Spec(rows, "resumed");
        using (Culture.Of("de-DE"))
        {
            using var stop = new CancellationTokenSource();
            var steps = 0;
            var train = () => TrainingRun.Train(spec, RunMode.New, new RunObserver(OnEvent: _ => stop.CancelAfter(++steps == 3 ? 0 : -1)),
                stop.Token);
            train.Should().Throw<RunInterruptedException>();
        }

        using (Culture.Of("tr-TR"))
            TrainingRun.Train(spec, RunMode.Resume, cancellationToken: TestContext.Current.CancellationToken).Result.Epochs.Should().Be(2);
        TrainingRun.Train(spec with { SaveName = "whole" }, cancellationToken: TestContext.Current.CancellationToken);
        File.ReadAllBytes(_folder.File("resumed", "prompt.npy")).Should().Equal(File.ReadAllBytes(_folder.File("whole", "prompt.npy")));
    }

    private string Rows()
    {
        var lines = Enumerable.Range(0, 24)
            .Select(i => $"{(i % 2 == 0 ? "I" : "i")},\"{(i % 2 == 0 ? "INSIDE İSTANBUL" : "a thin idea")} {i}, 1,5 of 10\"");
        return _folder.Write("rows.csv", string.Join('\n', lines.Prepend("stars,text")) + "\n");
    }

    private RunSpec Spec(string rows, string name) => new()
    {
        Data = rows,
        Template = "Kritik: {text}",
        LabelWords = "I=IFFY,i=big",
        LabelField = "stars",
        Model = "t5-nano",
        PromptInit = "uniform:0.5",
        PromptLength = 4,
        MaxInputLength = 40,
        Reparameterization = Reparameterization.Mlp,
        BottleneckSize = 8,
        Epochs = 2,
        LearningRate = 0.25,
        ValidationFraction = 0.25,
        Seed = -3,
        SaveDir = _folder.Path,
        SaveName = name,
    };

    private SortedDictionary<string, string> Files(string rows)
    {
        TrainingRun.Train(Spec(rows, "run"), RunMode.Overwrite).Result.Epochs.Should().Be(2);
        var run = _folder.File("run");
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith("state.safetensors", StringComparison.Ordinal)))
        {
            var file = Path.GetRelativePath(run, path);
            files[file] = Path.GetExtension(path) is ".npy" or ".safetensors" ? Convert.ToHexString(File.ReadAllBytes(path))
                : WithoutTimes(file, File.ReadAllText(path));
        }

        return files;
    }

    /// <summary>A file without what two runs never have in common.</summary>
    private static string WithoutTimes(string file, string text)
    {
        if (file == "metrics.csv")
            return Regex.Replace(text, @",\d+(\.\d+)?(E-\d+)?$", ",seconds", RegexOptions.Multiline);
        if (file == "state.json")
            return Regex.Replace(text, "\"time\": \"[^\"]*\"", "");
        if (file == "run.json")
        {
            var json = JsonNode.Parse(text)!;
            foreach (var key in new[] { "environment", "started", "ended", "peak_memory_bytes" })
                json[key] = null;
            json["result"]!["duration_seconds"] = null;
            return json.ToJsonString(new() { WriteIndented = true });
        }

        return Regex.Replace(text, """
            "(time|duration_seconds)":("[^"]*"|[-0-9.eE+]+)
            """, "\"$1\":0");
    }
}
