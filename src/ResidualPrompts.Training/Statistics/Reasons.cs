using System.Globalization;

namespace ResidualPrompts.Statistics;

/// <summary>Why there is no interval.</summary>
internal static class Reasons
{
    internal const string AllEqual = "all rows are equal";

    internal static string FewClusters(Clusters clusters) =>
        $"only {clusters.Count} {(clusters.AreRows ? "row" : "cluster")}{(clusters.Count == 1 ? "" : "s")}, "
        + $"an interval needs {ClusterMean.LeastClusters}";

    internal static string OftenUndefined(double share) => string.Create(
        CultureInfo.InvariantCulture, $"the metric is undefined in {100 * share:0} % of the resampled data sets");
}
