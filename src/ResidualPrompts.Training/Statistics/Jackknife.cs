namespace ResidualPrompts.Statistics;

/// <summary>A metric without one cluster at a time (Quenouille 1956, Tukey 1958).</summary>
internal static class Jackknife
{
    /// <summary>The metric without each cluster; null where it is undefined without one.</summary>
    internal static double[]? Leaves(Clusters clusters, Func<IReadOnlyList<int>, double?> metric)
    {
        var leaves = new double[clusters.Count];
        for (var cluster = 0; cluster < leaves.Length; cluster++)
        {
            if (metric(clusters.Without(cluster)) is not { } value)
                return null;
            leaves[cluster] = value;
        }

        return leaves;
    }

    /// <summary>
    /// Pseudo-values G·θ − (G − 1)·θ₋: their mean estimates the metric, and their spread its standard error, as values of clusters do for a mean.
    /// Null where the metric is undefined without some cluster.
    /// </summary>
    internal static double[]? PseudoValues(Clusters clusters, Func<IReadOnlyList<int>, double?> metric)
    {
        if (metric(clusters.Rows(Enumerable.Range(0, clusters.Count))) is not { } whole || Leaves(clusters, metric) is not { } leaves)
            return null;
        double count = clusters.Count;
        return [.. leaves.Select(leaf => (count * whole) - ((count - 1) * leaf))];
    }
}
