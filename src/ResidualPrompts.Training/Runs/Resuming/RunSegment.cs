using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs.Resuming;

/// <summary>
/// Steps of a run that one processor computed in one way with one number of threads, an item of <c>segments</c> of run.json. A run with one segment
/// ends with the bytes of one that was never interrupted; a run with more need not.
/// </summary>
/// <param name="FromStep">The steps done when the segment began.</param>
/// <param name="Processor">The processor; null where a record of an earlier version does not say.</param>
/// <param name="Compute">Who computed each operation, by its name; empty where a record of an earlier version does not say.</param>
/// <param name="ThreadCount">The threads; null where a record of an earlier version does not say.</param>
internal sealed record RunSegment(long FromStep, string? Processor, IReadOnlyDictionary<string, string> Compute, int? ThreadCount)
{
    // Of environment.compute; a segment does not depend on why the choice was made.
    private static readonly string[] Reasons = ["policy", "basis"];

    /// <summary>The segment of an environment that begins at a step.</summary>
    /// <exception cref="JsonException">The environment of a record is damaged.</exception>
    internal static RunSegment Of(JsonObject environment, long fromStep) => new(
        fromStep,
        JsonFile.Text(environment["processor"]),
        ComputeOf(environment).Where(pair => !Reasons.Contains(pair.Key)).ToDictionary(),
        JsonFile.Count(environment["thread_count"]));

    /// <summary>The policy, its basis, and who computed each operation, according to an environment; empty where it does not say.</summary>
    /// <exception cref="JsonException">The environment of a record is damaged.</exception>
    internal static IReadOnlyDictionary<string, string> ComputeOf(JsonObject environment) =>
        environment["compute"].Deserialize<Dictionary<string, string>>(JsonFormats.Complete) ?? [];

    /// <summary>The segments of a run that continues at a step. Steps from there on are done again, whoever did them before.</summary>
    /// <param name="earlier">The segments so far.</param>
    /// <param name="now">Who computes from now on.</param>
    /// <param name="step">The steps that are done.</param>
    internal static IReadOnlyList<RunSegment> Continue(IReadOnlyList<RunSegment> earlier, RunSegment now, long step)
    {
        RunSegment[] kept = [.. earlier.Where(segment => segment.FromStep < step)];
        return kept.Length > 0 && kept[^1].Differences(now).Count == 0 ? kept : [.. kept, now with { FromStep = step }];
    }

    /// <summary>What differs, in words; nothing where a value is not known.</summary>
    /// <param name="now">The segment that follows.</param>
    internal IReadOnlyList<string> Differences(RunSegment now)
    {
        var differences = new List<string>();
        if (Processor is not null && Processor != now.Processor)
            differences.Add($"{now.Processor} instead of {Processor}");
        if (ThreadCount is not null && ThreadCount != now.ThreadCount)
            differences.Add($"{now.ThreadCount} threads instead of {ThreadCount}");
        differences.AddRange(
            from operation in now.Compute
            where Compute.Count > 0 && Compute.GetValueOrDefault(operation.Key) is { } before && before != operation.Value
            select $"{operation.Key.Replace('_', ' ')} by {operation.Value} instead of {Compute[operation.Key]}");
        return differences;
    }
}
