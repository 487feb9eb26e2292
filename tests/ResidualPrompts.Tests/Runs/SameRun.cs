using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Runs.States;

namespace ResidualPrompts.Tests.Runs;

/// <summary>Compares two run directories: all bytes but times, and the name of the run.</summary>
internal static partial class SameRun
{
    /// <summary>A lock may be left, which stops nobody: a finished run is not locked again.</summary>
    internal static void Check(RunSpec spec, RunSpec whole, string when)
    {
        string[] names = [.. Names(whole)];
        names.Should().HaveCountGreaterThan(5);
        Names(spec).Where(name => !name.TrimStart('.').StartsWith("run.lock", StringComparison.Ordinal)).Should().Equal(names, when);
        State(spec).Should().Be(State(whole), when);
        foreach (var name in names.Where(name => name != RunDirectory.StateName))
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

    /// <summary>Where the run is, without process and time, and without what the record does not tell.</summary>
    private static RunState State(RunSpec spec)
    {
        var state = RunState.Of(new RunDirectory(spec.Directory));
        return new RunState(state.Status) { Metric = state.Metric, Best = state.Best };
    }

    internal static IEnumerable<string> Names(RunSpec spec) => Directory.GetFiles(spec.Directory, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(spec.Directory, file)).Order(StringComparer.Ordinal);

    /// <summary>Tensors and position; the lengths of the logs follow from how many digits a time has.</summary>
    private static Dictionary<string, string> Tensors(string path)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        return file.Entries.Keys.ToDictionary(key => key, key => Convert.ToHexString(file.Read(key).bytes))
            .Concat(file.Metadata.Where(pair => pair.Key != "digest" && !pair.Key.EndsWith("_bytes", StringComparison.Ordinal))).ToDictionary();
    }

    /// <summary>A text without times and without the name of its run.</summary>
    private static string Masked(string path)
    {
        var text = File.ReadAllText(path);
        if (Path.GetExtension(path) == ".json")
        {
            var json = JsonNode.Parse(text)!.AsObject();
            foreach (var key in new[] { "environment", "started", "ended", "peak_memory_bytes" })
                json.Remove(key);
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
