using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Files;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A run that is killed whenever it writes ends with the bytes that it would have had.</summary>
[Collection<Alone>]
public sealed partial class KilledRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_is_killed_at_any_operation_and_resumed_ends_with_the_same_bytes()
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        Train(whole);
        KillPoints.Try(
            "train", step: 9,
            start: () => Empty(spec.Directory),
            work: continues => Train(spec, continues ? RunMode.Resume : RunMode.New),
            check: when => Check(spec, whole, when));
    }

    [Fact]
    public void An_earlier_run_that_is_overwritten_and_killed_meanwhile_leaves_nothing()
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        var earlier = Spec("earlier") with { PromptLength = 3 };
        Train(whole);
        Train(earlier);
        KillPoints.Try(
            "train --overwrite", step: 17,
            start: () =>
            {
                Empty(spec.Directory);
                foreach (var file in Directory.GetFiles(earlier.Directory, "*", SearchOption.AllDirectories))
                {
                    var copy = Path.Combine(spec.Directory, Path.GetRelativePath(earlier.Directory, file));
                    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                    File.Copy(file, copy);
                }
            },
            work: _ => Train(spec, RunMode.Overwrite),
            check: when => Check(spec, whole, when));
    }

    private RunSpec Spec(string name)
    {
        var (model, data) = (_folder.File("model"), _folder.File("rows.jsonl"));
        if (!Directory.Exists(model))
        {
            Directory.CreateDirectory(model);
            using (TorchSharp.torch.NewDisposeScope())
                ModelFolder.Write(model, TinyT5.Version11, TinyT5.Weights(TinyT5.Version11));
            _folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 12)
                .Select(i => $"{{\"input_ids\":[{4 + i},1],\"target_ids\":[{7 + (i % 2)},1]}}\n")));
        }

        return new RunSpec
        {
            Model = model,
            Data = data,
            ValidationFraction = 0.25,
            Epochs = 2,
            BatchSize = 4,
            PromptLength = 2,
            Reparameterization = Reparameterization.Mlp,
            BottleneckSize = 4,
            SaveDir = _folder.Path,
            SaveName = name,
        };
    }

    private static void Train(RunSpec spec, RunMode mode = RunMode.New) =>
        TrainingRun.Train(spec, mode, cancellationToken: TestContext.Current.CancellationToken);

    private static void Empty(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A lock may be left, which stops nobody: a finished run is not locked again.</summary>
    private static void Check(RunSpec spec, RunSpec whole, string when)
    {
        string[] names = [.. Names(whole)];
        names.Should().HaveCountGreaterThan(10);
        Names(spec).Where(name => name != "run.lock").Should().Equal(names, when);
        foreach (var name in names)
        {
            var (path, expected) = (Path.Combine(spec.Directory, name), Path.Combine(whole.Directory, name));
            if (name.StartsWith("checkpoint", StringComparison.Ordinal))
                Tensors(path).Should().BeEquivalentTo(Tensors(expected), when);
            else if (name is "run.json" or "events.jsonl" or "metrics.csv" || name.EndsWith("README.md", StringComparison.Ordinal))
                Masked(path).Should().Be(Masked(expected), when);
            else
                File.ReadAllBytes(path).Should().Equal(File.ReadAllBytes(expected), $"{name} {when}");
        }
    }

    private static IEnumerable<string> Names(RunSpec spec) => Directory.GetFiles(spec.Directory, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(spec.Directory, file)).Order(StringComparer.Ordinal);

    /// <summary>Tensors and position; the lengths of the logs follow from how many digits a time has.</summary>
    private static Dictionary<string, string> Tensors(string path)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        return file.Entries.Keys.ToDictionary(key => key, key => Convert.ToHexString(file.Read(key).bytes))
            .Concat(file.Metadata.Where(pair => !pair.Key.EndsWith("_bytes", StringComparison.Ordinal))).ToDictionary();
    }

    /// <summary>A text without times and without the name of its run.</summary>
    private static string Masked(string path)
    {
        var text = File.ReadAllText(path);
        if (Path.GetExtension(path) == ".json")
        {
            var json = JsonNode.Parse(text)!.AsObject();
            json.Remove("environment");
            json["spec"]!.AsObject().Remove("save_name");
            json["result"]!.AsObject().Remove("duration_seconds");
            text = json.ToJsonString();
        }

        if (Path.GetExtension(path) == ".csv")
            return LastCell().Replace(text, "");
        return Times().Replace(text, "").Replace("# run:", "# whole:");
    }

    [GeneratedRegex("\"(time|duration_seconds)\":(\"[^\"]*\"|[0-9.eE+-]+)")]
    private static partial Regex Times();

    [GeneratedRegex(",[^,\n]*$", RegexOptions.Multiline)]
    private static partial Regex LastCell();
}
