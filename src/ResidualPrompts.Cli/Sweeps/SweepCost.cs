using System.Globalization;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary>
/// What the rest of a sweep costs, from a few measured steps of each kind of run as <c>train --plan</c> measures them. Runs of one kind differ in
/// seeds, rates and other settings that change no shape and no length.
/// </summary>
/// <param name="Runs">Runs that are estimated.</param>
/// <param name="LeftOut">Runs that are not, since their model or data is missing.</param>
/// <param name="Kinds">Kinds of the estimated runs.</param>
/// <param name="MeasuredKinds">Kinds that were measured; the others are taken for their mean.</param>
/// <param name="Seconds">The time of all runs, one after another.</param>
/// <param name="Bytes">Bytes of all finished runs.</param>
/// <param name="AvailableBytes">Bytes that are free; null where the system does not tell.</param>
/// <param name="PeakMemoryBytes">The memory of the largest run; null where the system does not tell.</param>
/// <param name="ThreadCount">Threads that were measured with.</param>
internal sealed record SweepCost(
    int Runs, int LeftOut, int Kinds, int MeasuredKinds, double Seconds, long Bytes, long? AvailableBytes, long? PeakMemoryBytes, int ThreadCount)
{
    /// <summary>More kinds than these are not measured: each takes some ten seconds.</summary>
    private const int MostKinds = 8;

    /// <summary>Settings that change the cost of no step and the number of none.</summary>
    private static readonly string[] WithoutCost =
        ["learning_rate", "network_learning_rate", "weight_decay", "warmup_steps", "schedule", "prompt_init", "shuffle", "clip", "release"];

    /// <summary>Measures; null where nothing is left to train that could be measured.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="say">Receives what is measured.</param>
    /// <param name="cancellationToken">Stops measuring.</param>
    internal static SweepCost? Measure(SweepPlan plan, Action<string> say, CancellationToken cancellationToken)
    {
        var open = plan.Runs.Where(run => run.Work is SweepWork.Train or SweepWork.Continue).ToList();
        var kinds = open.Where(run => run.Missing.Count == 0).GroupBy(run => SettingKey.Of(run.Spec, WithoutCost)).ToList();
        if (kinds.Count == 0)
            return null;
        if (plan.File.Threads is { } threads)
            ComputeThreads.Set(threads);
        var measured = new List<(int Count, TrainingPlan Plan, string Model)>();
        foreach (var kind in kinds.Take(MostKinds))
        {
            say($"measuring steps of {kind.First().Name} (kind {measured.Count + 1} of {Math.Min(kinds.Count, MostKinds)})");
            // Nothing is written; whatever lies in the directory does not matter to its cost.
            var one = RunPlanner.Plan(kind.First().Spec, RunMode.Overwrite, measures: true, cancellationToken);
            measured.Add((kind.Count(), one, kind.First().Spec.Model));
        }

        var (runs, ofMeasured) = (kinds.Sum(kind => kind.Count()), measured.Sum(one => one.Count));
        var share = (double)runs / ofMeasured;
        // The untuned model is scored once for all runs with the same model and rows.
        var baselines = measured.GroupBy(one => (one.Model, one.Plan.Task)).Sum(same => same.Max(one => one.Plan.Estimate!.BaselineSeconds));
        return new SweepCost(
            runs, open.Count - runs, kinds.Count, measured.Count,
            (measured.Sum(one => one.Count * one.Plan.Estimate!.Seconds) * share) + baselines,
            (long)(measured.Sum(one => one.Count * one.Plan.Disk!.Bytes) * share),
            measured[0].Plan.Disk!.AvailableBytes,
            measured.Max(one => one.Plan.Estimate!.PeakMemoryBytes),
            measured[0].Plan.Estimate!.ThreadCount);
    }

    /// <summary>The estimate in words, a line each.</summary>
    internal IEnumerable<string> Lines()
    {
        var basis = Kinds == MeasuredKinds ? $"{Text(Kinds)} {(Kinds == 1 ? "kind" : "kinds")} of runs measured"
            : $"{Text(MeasuredKinds)} of {Text(Kinds)} kinds of runs measured, the others taken for their mean";
        yield return $"time    about {PlanText.Seconds(Seconds)} for {Text(Runs)} {(Runs == 1 ? "run" : "runs")}, one after another with "
            + $"{Text(ThreadCount)} {(ThreadCount == 1 ? "thread" : "threads")} ({basis})";
        yield return $"disk    {FileSize.Text(Bytes)}{(AvailableBytes is { } free ? $", {FileSize.Text(free)} free" : "")}";
        yield return PeakMemoryBytes is { } bytes
            ? $"memory  about {FileSize.Text(bytes)} for each run at its peak"
            : "memory  not known on this system";
        if (LeftOut > 0)
            yield return $"{Text(LeftOut)} more {(LeftOut == 1 ? "run is" : "runs are")} not estimated: model or data is missing";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
