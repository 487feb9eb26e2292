namespace ResidualPrompts.Data;

/// <summary>Draws rows class by class with <see cref="DeterministicOrder"/>; what is drawn keeps the order of the file.</summary>
public static class StratifiedSampling
{
    /// <summary>Splits rows in two.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="classOf">The class of a row; rows without one form a class of their own.</param>
    /// <param name="fraction">Share that is drawn from each class, rounded; at least one row of a class that has two.</param>
    /// <param name="seed">The seed.</param>
    public static (IReadOnlyList<Example> Kept, IReadOnlyList<Example> Drawn) Split(
        IReadOnlyList<Example> rows, Func<Example, string?> classOf, double fraction, ulong seed)
    {
        var drawn = Draw(rows, classOf, size => size < 2 ? 0 : Math.Clamp((int)Math.Round(size * fraction), 1, size - 1), seed);
        return ([.. rows.Where((_, i) => !drawn.Contains(i))], [.. rows.Where((_, i) => drawn.Contains(i))]);
    }

    /// <summary>So many rows of each class, or all where there are fewer.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="classOf">The class of a row.</param>
    /// <param name="countPerClass">Rows of each class.</param>
    /// <param name="seed">The seed.</param>
    public static IReadOnlyList<Example> PerClass(IReadOnlyList<Example> rows, Func<Example, string?> classOf, int countPerClass, ulong seed)
    {
        var drawn = Draw(rows, classOf, size => Math.Min(size, countPerClass), seed);
        return [.. rows.Where((_, i) => drawn.Contains(i))];
    }

    private static HashSet<int> Draw(IReadOnlyList<Example> rows, Func<Example, string?> classOf, Func<int, int> countOf, ulong seed)
    {
        var drawn = new HashSet<int>();
        var classes = Enumerable.Range(0, rows.Count).GroupBy(i => classOf(rows[i]) ?? "").OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (var (number, members) in classes.Select(group => group.ToArray()).Index())
            drawn.UnionWith(DeterministicOrder.Shuffled(members.Length, seed + (ulong)number).Take(countOf(members.Length)).Select(i => members[i]));
        return drawn;
    }
}
