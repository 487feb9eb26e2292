using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps;

/// <summary>
/// The runs that a group's <c>refine</c> adds. They follow from its finished runs alone: whoever asks again, also after a crash, gets the same. Of
/// the settings that differ in the chosen ones alone, the one with the best mean validation metric over its seeds wins, of equal ones the first.
/// </summary>
internal static class SecondStage
{
    private static readonly RunSpecProperty Seed = RunSpecProperty.Named(nameof(RunSpec.Seed));

    /// <summary>The entries to add; none until every first run is finished or has failed.</summary>
    /// <param name="group">The group.</param>
    /// <param name="first">Its first runs, in the order of the plan.</param>
    /// <param name="note">Receives what the user should know.</param>
    internal static IEnumerable<SweepEntry> Entries(SweepGroup group, IReadOnlyList<SweepRun> first, Action<string> note)
    {
        var refine = group.Refine!;
        var name = group.Name.Length == 0 ? "refine" : $"refine of group {group.Name}";
        if (first.Count(run => run.State is not (SweepRunState.Finished or SweepRunState.Failed)) is > 0 and var open)
        {
            var choices = first.Select(run => SettingKey.Of(run.Spec, refine.Choose)).Distinct().Count();
            note($"{name} adds up to {choices * refine.Seeds.Count} runs once {open} more of its {first.Count} first runs are finished.");
            return [];
        }

        var means = first.GroupBy(run => run.Setting)
            .Select(setting => (Run: setting.First(), Mean: Mean(setting, refine.Metric))).ToList();
        var entries = new List<SweepEntry>();
        foreach (var candidates in means.GroupBy(setting => SettingKey.Of(setting.Run.Spec, refine.Choose)))
        {
            var ranked = candidates.Where(setting => setting.Mean is not null).OrderByDescending(setting => setting.Mean);
            if (ranked.Select(setting => setting.Run).FirstOrDefault() is not { } best)
                note($"{name} has nothing to choose from: of {candidates.First().Run.Name} and its like no setting has all of its runs with a "
                    + $"validation {refine.Metric ?? "metric"}.");
            else
                entries.AddRange(refine.Seeds.Select(seed => best.Entry.With(seed with { Property = Seed })));
        }

        return entries;
    }

    /// <summary>The mean of the validation metric over the runs of a setting; null where one lacks it.</summary>
    private static double? Mean(IEnumerable<SweepRun> runs, string? metric)
    {
        var values = runs.Select(run => run.State == SweepRunState.Finished ? Validation(run, metric) : null).ToArray();
        return values.All(value => value is not null) ? values.Average() : null;
    }

    private static double? Validation(SweepRun run, string? metric)
    {
        var metrics = RunRecord.Read(new RunDirectory(run.Directory)).Result?.Validation?.Metrics;
        return (metric ?? metrics?.Keys.FirstOrDefault()) is { } name ? metrics?.GetValueOrDefault(name) : null;
    }
}
