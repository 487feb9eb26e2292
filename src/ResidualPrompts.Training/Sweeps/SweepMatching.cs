using ResidualPrompts.Runs;
using ResidualPrompts.Sweeps.Rungs;

namespace ResidualPrompts.Sweeps;

/// <summary>
/// Finds the directories of planned runs by what the runs are, whatever they are called, and tells how far each has got. A directory is never that
/// of two runs, and one that holds another run is never used.
/// </summary>
internal static class SweepMatching
{
    private const int MostListed = 5;

    /// <summary>The runs with their directories and states.</summary>
    /// <param name="runs">The planned runs.</param>
    /// <param name="found">The run directories below the sweep's folder.</param>
    /// <param name="halving">Halving, whose rungs are where a run may be paused.</param>
    internal static IReadOnlyList<SweepRun> Match(IReadOnlyList<SweepRun> runs, IReadOnlyList<FoundRun> found, Halving? halving)
    {
        var byIdentity = found.Where(run => run.Digest is not null).ToLookup(run => run.Digest!);
        var byDirectory = found.ToDictionary(run => run.Directory);
        var taken = new Dictionary<FoundRun, SweepRun>();
        var matched = new FoundRun?[runs.Count];
        // The best fit of each run; runs of the same identity but for their budget come in the order of the plan.
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            matched[i] = byIdentity[run.FoundBy].Where(one => !taken.ContainsKey(one) && (!HoldsBudget(run) || one.LastStep == run.LastStep))
                .MinBy(one => Rank(run, one));
            if (matched[i] is { } one)
                taken.Add(one, run);
        }

        return [.. runs.Select((run, i) => matched[i] is { } one ? StateOf(run, one, halving) : Unmatched(run, byDirectory, taken))];
    }

    private static bool HoldsBudget(SweepRun run) => run.Identity.Digest != run.FoundBy;

    /// <summary>Less is a better fit: the length that is asked, then one that can become it, then the longest of these, then the place.</summary>
    private static (int, long, bool, string) Rank(SweepRun run, FoundRun one)
    {
        var (asked, has) = (run.LastStep ?? 0, one.LastStep ?? 0);
        var isFinished = one.Status == RunStatus.Finished;
        var fit = (isFinished, has.CompareTo(asked)) switch
        {
            (true, 0) => 0,
            (false, 0) => 1,
            (true, < 0) => 2,
            (false, _) => 3,
            _ => 4,
        };
        return (fit, Math.Abs(asked - has), one.Directory != run.Directory, one.Directory);
    }

    private static SweepRun StateOf(SweepRun planned, FoundRun one, Halving? halving)
    {
        var run = planned with { Directory = one.Directory, Work = SweepWork.None };
        switch (one.Status)
        {
            case RunStatus.Running when one.IsHeld:
                return run with { State = SweepRunState.Running };
            case RunStatus.Running or RunStatus.Interrupted:
                return run with { State = SweepRunState.Interrupted, Work = SweepWork.Continue };
            case RunStatus.Failed:
                return run with { State = SweepRunState.Failed };
        }

        var steps = one.Steps;
        if (one.LastStep > run.LastStep && steps > run.LastStep)
            return run with { State = SweepRunState.Longer, Detail = $"it has {steps} steps, the file asks for {run.LastStep}" };
        if (one.LastStep < run.LastStep && !one.EndedByPatience)
        {
            run = run with { Work = SweepWork.Continue, Detail = $"finished at step {steps}, the file asks for {run.LastStep}" };
            return run with { State = halving is not null && IsRung(run, one, halving) ? SweepRunState.Paused : SweepRunState.Interrupted };
        }

        return run.Spec.Test && run.Input.HasTestAnswers && !one.HasTest
            ? run with { State = SweepRunState.Finished, Work = SweepWork.Score, Detail = "its test split is not scored" }
            : run with { State = SweepRunState.Finished };
    }

    private static bool IsRung(SweepRun run, FoundRun one, Halving halving) => run.Input.Inputs.TrainCount is { } count
        && halving.Rungs.Any(rung => rung.StepsOf(run.Spec, count) == one.LastStep);

    /// <summary>A run that has not begun; its place may hold something else.</summary>
    private static SweepRun Unmatched(SweepRun run, Dictionary<string, FoundRun> byDirectory, Dictionary<FoundRun, SweepRun> taken)
    {
        SweepRun Changed(string why) => run with { State = SweepRunState.Changed, Work = SweepWork.None, Detail = why };
        if (byDirectory.TryGetValue(run.Directory, out var there))
        {
            if (taken.TryGetValue(there, out var other))
                return Changed($"its folder holds the run that the file now calls {other.Name}");
            if (there.Digest is null)
                return Changed($"its record cannot be read: {there.Problem}");
            if (there.Digest == run.FoundBy)
                return Changed($"its folder holds the same run of {there.LastStep} steps, the file asks for {run.LastStep}");
            var keys = there.ReadIdentity().Differences(run.Identity);
            return Changed($"{string.Join(", ", keys.Take(MostListed))}{(keys.Count > MostListed ? " …" : "")} differ");
        }

        return HoldsFiles(run.Directory) ? Changed("its folder holds files and no record of a run") : run;
    }

    private static bool HoldsFiles(string directory)
    {
        try
        {
            return Directory.Exists(directory) && new RunDirectory(directory).HoldsFilesWithoutRecord;
        }
        catch (RunException)
        {
            return true;
        }
    }
}
