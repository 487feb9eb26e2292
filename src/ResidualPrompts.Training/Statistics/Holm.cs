namespace ResidualPrompts.Statistics;

/// <summary>
/// Holm's correction for several tests (1979): the chance that any true hypothesis of the family is rejected stays below the level.
/// </summary>
internal static class Holm
{
    /// <summary>The adjusted p values, in the given order.</summary>
    /// <param name="values">The p values of the whole family.</param>
    internal static double[] Adjust(IReadOnlyList<double> values)
    {
        var adjusted = new double[values.Count];
        double largest = 0;
        foreach (var (rank, place) in Enumerable.Range(0, values.Count).OrderBy(place => values[place]).Index())
        {
            largest = Math.Max(largest, Math.Min(1, (values.Count - rank) * values[place]));
            adjusted[place] = largest;
        }

        return adjusted;
    }
}
