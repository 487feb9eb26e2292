using System.Text.Json.Nodes;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Studies;

/// <summary>
/// Runs that differ in their seeds alone, wherever their directories are: one row of a comparison. Runs of different models or data are never
/// pooled, even if their settings have the same names.
/// </summary>
/// <param name="Runs">The runs, in the given order; at least one.</param>
internal sealed record RunGroup(IReadOnlyList<RunSummary> Runs)
{
    /// <summary>The settings that may differ between the runs of a group: seeds, and where a run is kept.</summary>
    internal static IReadOnlyList<string> Pooled { get; } = ["seed", "few_shot_seed", "split_seed", "save_dir", "save_name"];

    /// <summary>Groups runs by their settings.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="keys">The settings that tell groups apart; null = all but the seeds.</param>
    /// <returns>The groups in the order of their first runs.</returns>
    internal static IReadOnlyList<RunGroup> Of(IReadOnlyList<RunSummary> runs, IReadOnlyList<string>? keys = null) =>
    [
        .. runs.GroupBy(run => KeyOf(run, key => keys?.Contains(key) ?? !Pooled.Contains(key))).Select(group => new RunGroup([.. group])),
    ];

    /// <summary>A setting's value, which all runs of the group share unless it was pooled; null where they differ.</summary>
    internal JsonNode? this[string key] =>
        Runs.All(run => JsonNode.DeepEquals(run.Settings[key], Runs[0].Settings[key])) ? Runs[0].Settings[key] : null;

    /// <summary>The results of the finished runs.</summary>
    internal IReadOnlyList<RunResult> Results => [.. Runs.Select(run => run.Result).OfType<RunResult>()];

    /// <summary>Whether every run is finished.</summary>
    internal bool IsFinished => Results.Count == Runs.Count;

    /// <summary>The values of a metric, one per finished run; null if one of these lacks it, or no run is finished.</summary>
    internal IReadOnlyList<double>? Metric(Func<RunResult, SplitResult?> split, string name)
    {
        var results = Results;
        double[] values = [.. results.Select(result => split(result)?.Metrics.GetValueOrDefault(name)).OfType<double>()];
        return values.Length > 0 && values.Length == results.Count ? values : null;
    }

    /// <summary>Runs of the group that repeat another one: the same seeds as well.</summary>
    internal IReadOnlyList<RunSummary> Repeated =>
    [
        .. Runs.GroupBy(run => $"{run.Settings["seed"]} {run.Settings["few_shot_seed"]} {run.Settings["split_seed"]}")
            .SelectMany(same => same.Skip(1)),
    ];

    /// <summary>The path of each group as the user knows it: the run, or the folder that holds all of its runs and no other.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<RunGroup> groups)
    {
        var groupsIn = groups.SelectMany(group => group.Runs.Select(run => ParentOf(run.Path)).Distinct()).CountBy(parent => parent).ToDictionary();
        return [.. groups.Select(NameOf)];

        string NameOf(RunGroup group)
        {
            var (first, parent) = (Path.TrimEndingDirectorySeparator(group.Runs[0].Path), ParentOf(group.Runs[0].Path));
            return group.Runs.Count == 1 ? first
                : parent.Length > 0 && groupsIn[parent] == 1 && group.Runs.All(run => ParentOf(run.Path) == parent) ? parent
                : $"{first} + {group.Runs.Count - 1}";
        }
    }

    /// <summary>The settings that tell a run apart, and the digests of its model and data, as one text.</summary>
    internal static string KeyOf(RunSummary run, Func<string, bool> tellsApart)
    {
        var values = new JsonObject(run.Settings.Where(setting => tellsApart(setting.Key))
            .Select(setting => KeyValuePair.Create(setting.Key, setting.Value?.DeepClone())));
        return $"{values.ToJsonString()} {run.Digests.ToJsonString()}";
    }

    private static string ParentOf(string run) => Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(run)) ?? "";
}
