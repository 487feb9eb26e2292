using MathNet.Numerics.Distributions;
using ResidualPrompts.Randomness;

namespace ResidualPrompts.Statistics;

/// <summary>
/// The bootstrap interval of any metric over clusters, bias-corrected and accelerated (BCa, Efron 1987; the acceleration from the jackknife, Efron
/// and Tibshirani 1993, chapter 14). Where the jackknife has no spread or every round lies on one side, the percentiles themselves.
/// </summary>
internal static class BootstrapInterval
{
    internal const string Rule = "BCa bootstrap";
    internal const string PercentileRule = "percentile bootstrap";

    /// <summary>Rounds of every bootstrap.</summary>
    internal const int Rounds = 2000;

    /// <summary>The largest share of rounds in which a metric may be undefined.</summary>
    private const double MaxUndefined = 0.05;

    /// <summary>The metric of all rows and its interval.</summary>
    /// <param name="clusters">The clusters; whole clusters are drawn.</param>
    /// <param name="metric">The metric of some rows, of which one may occur several times; null where it is undefined.</param>
    /// <param name="seed">The same seed gives the same interval; callers derive it from the content.</param>
    /// <param name="rounds">Number of rounds.</param>
    /// <exception cref="ArgumentException">The metric of all rows is undefined.</exception>
    internal static Estimate Of(Clusters clusters, Func<IReadOnlyList<int>, double?> metric, ulong seed, int rounds = Rounds)
    {
        var value = metric(clusters.Rows(Enumerable.Range(0, clusters.Count)))
            ?? throw new ArgumentException("The metric of all rows is undefined.", nameof(metric));
        if (clusters.Count < ClusterMean.LeastClusters)
            return Estimate.Without(value, Reasons.FewClusters(clusters));
        double[] drawn = [.. Draws(clusters, metric, seed, rounds).OfType<double>().Order()];
        if (drawn.Length < (1 - MaxUndefined) * rounds)
            return Estimate.Without(value, Reasons.OftenUndefined(1 - ((double)drawn.Length / rounds)));
        if (drawn[0] == drawn[^1])
            return Estimate.Without(value, Reasons.AllEqual);
        return new Estimate(value, Accelerated(clusters, metric, value, drawn) ?? Percentiles(drawn));
    }

    private static IEnumerable<double?> Draws(Clusters clusters, Func<IReadOnlyList<int>, double?> metric, ulong seed, int rounds)
    {
        var random = new SplitMix64(seed);
        var chosen = new int[clusters.Count];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < chosen.Length; i++)
                chosen[i] = random.Below(clusters.Count);
            yield return metric(clusters.Rows(chosen));
        }
    }

    private static Interval? Accelerated(Clusters clusters, Func<IReadOnlyList<int>, double?> metric, double value, double[] drawn)
    {
        if (Jackknife.Leaves(clusters, metric) is not { } leaves)
            return null;
        var mean = leaves.Average();
        var squares = leaves.Sum(leaf => (mean - leaf) * (mean - leaf));
        var below = (drawn.Count(draw => draw < value) + (0.5 * drawn.Count(draw => draw == value))) / drawn.Length;
        if (squares == 0 || below is 0 or 1)
            return null;
        var acceleration = leaves.Sum(leaf => Math.Pow(mean - leaf, 3)) / (6 * Math.Pow(squares, 1.5));
        var bias = Normal.InvCDF(0, 1, below);
        return new Interval(Quantile(drawn, Corrected(Interval.Tail)), Quantile(drawn, Corrected(1 - Interval.Tail)), Rule);

        double Corrected(double share)
        {
            var z = bias + Normal.InvCDF(0, 1, share);
            return Normal.CDF(0, 1, bias + (z / (1 - (acceleration * z))));
        }
    }

    private static Interval Percentiles(double[] drawn) =>
        new(Quantile(drawn, Interval.Tail), Quantile(drawn, 1 - Interval.Tail), PercentileRule);

    /// <summary>A quantile of sorted values, between neighbours linearly.</summary>
    internal static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        var place = Math.Clamp(share, 0, 1) * (sorted.Count - 1);
        var low = (int)place;
        return low + 1 < sorted.Count ? sorted[low] + ((place - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }
}
