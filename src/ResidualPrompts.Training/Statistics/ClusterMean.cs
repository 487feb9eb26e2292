using MathNet.Numerics.Distributions;

namespace ResidualPrompts.Statistics;

/// <summary>
/// The mean of rows that lie in clusters, with a cluster-robust standard error (Liang and Zeger 1986): residuals are added up within a cluster before
/// they are squared. The factor G/(G − 1) and a t distribution with G − 1 degrees of freedom are those of Cameron and Miller 2015.
/// </summary>
internal static class ClusterMean
{
    internal const string Rule = "cluster-robust t";

    /// <summary>The fewest clusters that an interval rests on.</summary>
    internal const int LeastClusters = 10;

    /// <summary>The mean and its interval.</summary>
    /// <param name="values">A value for each row.</param>
    /// <param name="clusters">The clusters of the same rows.</param>
    internal static Estimate Of(IReadOnlyList<double> values, Clusters clusters)
    {
        var mean = values.Average();
        if (clusters.Count < LeastClusters)
            return Estimate.Without(mean, Reasons.FewClusters(clusters));
        var variance = Variance(values, clusters, mean);
        if (variance == 0)
            return Estimate.Without(mean, Reasons.AllEqual);
        var half = StudentT.InvCDF(0, 1, clusters.Count - 1, 1 - Interval.Tail) * Math.Sqrt(variance);
        return new Estimate(mean, new Interval(mean - half, mean + half, Rule));
    }

    /// <summary>The squared standard error of the mean.</summary>
    internal static double Variance(IReadOnlyList<double> values, Clusters clusters, double mean)
    {
        double sum = 0;
        for (var cluster = 0; cluster < clusters.Count; cluster++)
        {
            var residual = clusters[cluster].Sum(row => values[row] - mean);
            sum += residual * residual;
        }

        double count = clusters.Count;
        return sum * count / (count - 1) / values.Count / values.Count;
    }
}
