using ResidualPrompts.Runs;

namespace ResidualPrompts.Studies;

/// <summary>
/// Chooses settings by the mean of a validation metric over seeds: among groups that differ in these settings alone, the best one stays.
/// Its test metric is then an honest figure, since the test split had no part in the choice.
/// </summary>
/// <param name="Keys">The settings to choose.</param>
/// <param name="Metric">The metric of the validation split; null = the task's first one, which also selects the best epoch.</param>
internal sealed record SettingChoice(IReadOnlyList<string> Keys, string? Metric = null)
{
    /// <summary>The best group of each set of candidates; of equal ones the first.</summary>
    /// <param name="groups">The groups.</param>
    /// <exception cref="RunException">A candidate is not finished or lacks the metric: a choice without it would not be one.</exception>
    internal IReadOnlyList<RunGroup> Best(IReadOnlyList<RunGroup> groups)
    {
        foreach (var group in groups)
        {
            if (!group.IsFinished)
                throw RunException.NotChosen(group.Runs.First(run => run.Result is null).Path, "is not finished");
            if (Validation(group) is null)
                throw RunException.NotChosen(group.Runs[0].Path, $"has no validation {Metric ?? "metric"}");
        }

        return [.. groups.GroupBy(Rest).Select(candidates => candidates.MaxBy(group => Validation(group)!.Average())!)];
    }

    private IReadOnlyList<double>? Validation(RunGroup group) =>
        (Metric ?? group.Results[0].Validation?.Metrics.Keys.FirstOrDefault()) is { } name ? group.Metric(result => result.Validation, name) : null;

    private string Rest(RunGroup group) => RunGroup.KeyOf(group.Runs[0], key => !Keys.Contains(key) && !RunGroup.Pooled.Contains(key));
}
