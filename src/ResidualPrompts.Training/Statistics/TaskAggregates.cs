using ResidualPrompts.Randomness;

namespace ResidualPrompts.Statistics;

/// <summary>
/// Scores over several tasks and runs, as Agarwal et al. recommend (NeurIPS 2021, arXiv 2108.13264). An element of a list is a task, its elements are
/// the scores of its runs.
/// </summary>
internal static class TaskAggregates
{
    internal const string Rule = "stratified percentile bootstrap of runs";

    /// <summary>Fewest tasks, and fewest runs of each, to aggregate over.</summary>
    internal const int LeastTasks = 5, LeastRuns = 3;

    /// <summary>The mean of the middle half of all scores: a quarter of them, rounded down, is left out on either side.</summary>
    internal static double InterquartileMean(IEnumerable<double> scores)
    {
        double[] sorted = [.. scores.Order()];
        var cut = sorted.Length / 4;
        return sorted[cut..^cut].Average();
    }

    /// <summary>
    /// The probability that a run of the first method has a higher score than one of the second: the mean over tasks of U/(k₁·k₂), where a tie counts
    /// one half (Mann and Whitney 1947).
    /// </summary>
    internal static double ProbabilityOfImprovement(IReadOnlyList<IReadOnlyList<double>> first, IReadOnlyList<IReadOnlyList<double>> second) =>
        first.Zip(second, (one, other) =>
            one.Sum(a => other.Sum(b => a > b ? 1 : a == b ? 0.5 : 0)) / one.Count / other.Count).Average();

    /// <summary>A score rescaled so that 0 is the constant answer and 1 is perfect; scores of different metrics can be averaged then.</summary>
    /// <param name="score">The score, a fraction.</param>
    /// <param name="constant">The score of the constant answer, a fraction below 1.</param>
    internal static double Rescale(double score, double constant) => (score - constant) / (1 - constant);

    /// <summary>A statistic of the runs of several tasks with its interval: runs are drawn within each task.</summary>
    /// <param name="tasks">The scores.</param>
    /// <param name="statistic">The statistic.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    internal static Estimate Bootstrap(
        IReadOnlyList<IReadOnlyList<double>> tasks, Func<IReadOnlyList<IReadOnlyList<double>>, double> statistic, ulong seed)
    {
        var value = statistic(tasks);
        if (tasks.Count < LeastTasks || tasks.Any(runs => runs.Count < LeastRuns))
            return Estimate.Without(value, $"fewer than {LeastTasks} tasks of {LeastRuns} runs each");
        var random = new SplitMix64(seed);
        var drawn = new double[BootstrapInterval.Rounds];
        for (var round = 0; round < drawn.Length; round++)
        {
            double[][] sample = [.. tasks.Select(runs =>
            {
                var chosen = new double[runs.Count];
                for (var i = 0; i < chosen.Length; i++)
                    chosen[i] = runs[random.Below(runs.Count)];
                return chosen;
            })];
            drawn[round] = statistic(sample);
        }

        Array.Sort(drawn);
        return drawn[0] == drawn[^1]
            ? Estimate.Without(value, Reasons.AllEqual)
            : new Estimate(value, new Interval(
                BootstrapInterval.Quantile(drawn, Interval.Tail), BootstrapInterval.Quantile(drawn, 1 - Interval.Tail), Rule));
    }
}
