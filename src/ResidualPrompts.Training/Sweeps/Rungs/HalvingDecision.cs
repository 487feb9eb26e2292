namespace ResidualPrompts.Sweeps.Rungs;

/// <summary>
/// Who is trained to which rung. It follows from what the runs have reached alone, not from when: whoever asks again, in any order and after any
/// crash, gets the same. A setting is promoted with all of its seeds, by the mean of their best values, so that one lucky seed does not decide.
/// </summary>
internal static class HalvingDecision
{
    /// <summary>What is wanted of each run.</summary>
    /// <param name="halving">The rungs and the share that continues.</param>
    /// <param name="runs">The runs in the order of the plan, which decides between equal settings.</param>
    internal static IReadOnlyList<HalvingStep> Of(Halving halving, IReadOnlyList<HalvingRun> runs)
    {
        var steps = new HalvingStep[runs.Count];
        foreach (var bracket in runs.Select((run, index) => (run, index)).GroupBy(pair => pair.run.Bracket))
        {
            var settings = bracket.GroupBy(pair => pair.run.Setting).Select(setting => setting.ToArray()).ToList();
            for (var rung = 0; settings.Count > 0; rung++)
            {
                var isSettled = settings.All(setting => setting.All(pair => IsAt(pair.run, rung) || pair.run.IsFailed));
                foreach (var (run, index) in settings.SelectMany(setting => setting))
                    steps[index] = new HalvingStep(rung, OrderOf(run, rung, isSettled, isLast: rung == halving.Rungs.Count - 1));
                settings = isSettled && rung < halving.Rungs.Count - 1 ? Promoted(settings, rung, halving) : [];
            }
        }

        return steps;
    }

    private static bool IsAt(HalvingRun run, int rung) => run.BestAtRung.Count > rung;

    private static HalvingOrder OrderOf(HalvingRun run, int rung, bool isSettled, bool isLast) =>
        !IsAt(run, rung) ? run.IsFailed ? HalvingOrder.Fail : HalvingOrder.Train
        : isLast ? HalvingOrder.Done
        : isSettled ? HalvingOrder.Pause // unless the next rung says otherwise
        : HalvingOrder.Wait;

    /// <summary>The settings that continue, in the order of the plan; one without any run that can continue never does.</summary>
    private static List<(HalvingRun Run, int Index)[]> Promoted(List<(HalvingRun Run, int Index)[]> settings, int rung, Halving halving)
    {
        var best = settings.Where(setting => setting.Any(pair => IsAt(pair.Run, rung)))
            .OrderBy(setting => setting.Any(pair => !IsAt(pair.Run, rung))) // failed ones last
            .ThenByDescending(setting => setting.Where(pair => IsAt(pair.Run, rung))
                .Average(pair => pair.Run.BestAtRung[rung] ?? double.NegativeInfinity))
            .Take(halving.KeptOf(settings.Count)).ToHashSet();
        return [.. settings.Where(best.Contains)];
    }
}
