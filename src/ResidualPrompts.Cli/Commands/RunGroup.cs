using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary>One entry of a comparison: a run, or the runs of one specification with several seeds.</summary>
/// <param name="Title">The path that the user gave.</param>
/// <param name="Runs">One run, or one per seed.</param>
internal sealed record RunGroup(string Title, IReadOnlyList<RunSummary> Runs)
{
    /// <summary>Reads a run directory, or a directory of runs that <c>--seeds</c> created.</summary>
    internal static RunGroup Read(string path)
    {
        var isRun = File.Exists(Path.Combine(path, RunDirectory.RecordName));
        string[] seeds = isRun || !Directory.Exists(path)
            ? []
            : [.. Directory.GetDirectories(path, "seed-*").Where(seed => File.Exists(Path.Combine(seed, RunDirectory.RecordName)))
                .Order(StringComparer.Ordinal)];
        return new RunGroup(path, [.. (seeds.Length == 0 ? [path] : seeds).Select(RunSummary.Read)]);
    }

    /// <summary>The results of all runs, or null if one of them is not finished.</summary>
    internal IReadOnlyList<RunResult>? Results =>
        Runs.Select(run => run.Result).OfType<RunResult>().ToArray() is var results && results.Length == Runs.Count ? results : null;

    /// <summary>The values of a metric, one per run, or null if a run lacks it.</summary>
    internal IReadOnlyList<double>? Metric(Func<RunResult, SplitResult?> split, string name)
    {
        var values = (Results ?? []).Select(result => split(result)?.Metrics.GetValueOrDefault(name)).OfType<double>().ToArray();
        return values.Length == Runs.Count ? values : null;
    }
}
