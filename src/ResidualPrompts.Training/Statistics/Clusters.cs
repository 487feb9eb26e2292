namespace ResidualPrompts.Statistics;

/// <summary>
/// Rows that belong together, such as the questions about one passage: they tell less than as many independent rows. A cluster is a list of places in
/// the list of rows.
/// </summary>
internal sealed class Clusters
{
    private readonly int[][] _rows;

    private Clusters(int[][] rows) => (_rows, RowCount) = (rows, rows.Sum(cluster => cluster.Length));

    /// <summary>Number of rows, n.</summary>
    internal int RowCount { get; }

    /// <summary>Number of clusters, G.</summary>
    internal int Count => _rows.Length;

    /// <summary>Whether every row is a cluster of its own.</summary>
    internal bool AreRows => Count == RowCount;

    /// <summary>The rows of a cluster.</summary>
    internal IReadOnlyList<int> this[int cluster] => _rows[cluster];

    /// <summary>Groups rows by their keys, in the order of first rows. A row without a key is a cluster of its own.</summary>
    internal static Clusters Of(IReadOnlyList<string?> keys)
    {
        var rows = new List<List<int>>();
        var known = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var row = 0; row < keys.Count; row++)
        {
            if (keys[row] is { } key && known.TryGetValue(key, out var cluster))
            {
                cluster.Add(row);
                continue;
            }

            cluster = [row];
            rows.Add(cluster);
            if (keys[row] is { } first)
                known[first] = cluster;
        }

        return new Clusters([.. rows.Select(cluster => cluster.ToArray())]);
    }

    /// <summary>Every row by itself.</summary>
    internal static Clusters OfRows(int count) => new([.. Enumerable.Range(0, count).Select(row => new[] { row })]);

    /// <summary>All rows but those of one cluster.</summary>
    internal int[] Without(int cluster) => [.. _rows.Where((_, other) => other != cluster).SelectMany(rows => rows)];

    /// <summary>The rows of chosen clusters; a cluster that is chosen twice gives its rows twice.</summary>
    internal int[] Rows(IEnumerable<int> clusters) => [.. clusters.SelectMany(cluster => _rows[cluster])];
}
