using ResidualPrompts.Runs;
using ResidualPrompts.Sweeps.Rungs;

namespace ResidualPrompts.Sweeps;

/// <summary>
/// Tells each run of a sweep with halving to which rung it is trained. A run that ends at a rung below the last has no test score, and keeps its
/// checkpoint, from which it continues if it is promoted.
/// </summary>
internal static class SweepHalving
{
    /// <summary>The runs with the settings of their rungs, and with what is left to do there.</summary>
    /// <param name="halving">The rungs.</param>
    /// <param name="runs">The runs as they were found, with the settings of the last rung.</param>
    /// <param name="found">The run directories below the sweep's folder.</param>
    internal static IReadOnlyList<SweepRun> Apply(Halving halving, IReadOnlyList<SweepRun> runs, IReadOnlyList<FoundRun> found)
    {
        var byDirectory = found.ToDictionary(run => run.Directory);
        var steps = HalvingDecision.Of(halving, [.. runs.Select(run => Reached(halving, run, byDirectory.GetValueOrDefault(run.Directory)))]);
        return [.. runs.Zip(steps, (run, step) => Told(halving, run, step))];
    }

    private static HalvingRun Reached(Halving halving, SweepRun run, FoundRun? found)
    {
        var isFailed = run.State is SweepRunState.Failed or SweepRunState.Changed;
        if (found is null || run.State is SweepRunState.Planned or SweepRunState.Changed || run.Input.Inputs.TrainCount is not { } count)
            return new HalvingRun(run.Bracket, run.Setting, [], isFailed);
        // A run under way may have been evaluated at the rung that it is asked for, and is not there before it is released.
        var last = found.Status == RunStatus.Finished ? long.MaxValue : (found.LastStep ?? 0) - 1;
        var rungs = halving.Rungs.Count(rung => rung.StepsOf(run.Spec, count) <= last);
        return new HalvingRun(run.Bracket, run.Setting, [.. RungValues.Read(run.Directory, halving, run.Spec, count).Take(rungs)], isFailed);
    }

    private static SweepRun Told(Halving halving, SweepRun run, HalvingStep step)
    {
        var isLast = step.Rung == halving.Rungs.Count - 1;
        var spec = halving.Rungs[step.Rung].Of(run.Spec);
        var told = run with { Spec = isLast ? spec : spec with { Test = false, KeepCheckpoint = true } };
        return step.Order switch
        {
            _ when run.State is SweepRunState.Running or SweepRunState.Changed or SweepRunState.Failed => told,
            HalvingOrder.Train when run.State == SweepRunState.Planned => told,
            HalvingOrder.Train => told with
            {
                State = SweepRunState.Interrupted,
                Work = SweepWork.Continue,
                Detail = $"to be trained to rung {halving.Rungs[step.Rung]}",
            },
            HalvingOrder.Wait => told with
            {
                State = SweepRunState.Paused,
                Work = SweepWork.None,
                Detail = $"at rung {halving.Rungs[step.Rung]}, which others have not reached",
            },
            HalvingOrder.Pause => told with
            {
                State = SweepRunState.Paused,
                Work = SweepWork.None,
                Detail = $"stopped at rung {halving.Rungs[step.Rung]}",
            },
            _ => told,
        };
    }
}
