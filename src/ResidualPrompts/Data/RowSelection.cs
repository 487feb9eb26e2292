namespace ResidualPrompts.Data;

/// <summary>Chooses rows by a seed, class by class. Pure functions: the same rows and seed choose the same, on every machine.</summary>
public static class RowSelection
{
    private delegate int CountOf(string? name, int size);

    /// <summary>Chooses k rows of each class; of a smaller class all, with a note.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">k, at least 1.</param>
    /// <param name="classOf">A row's class; null everywhere = one class.</param>
    /// <param name="seed">Which rows.</param>
    /// <param name="purpose">What for.</param>
    public static SelectedRows PerClass(IReadOnlyList<Example> rows, int count, Func<Example, string?> classOf, long seed, RandomPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var notes = new List<string>();
        return Select(rows, classOf, seed, purpose, notes, (name, size) =>
        {
            if (size < count)
                notes.Add($"{(name is null ? "The data" : $"Class '{name}'")} has {Rows(size)}, {count} were asked for: all are taken.");
            return Math.Min(size, count);
        });
    }

    /// <summary>
    /// Chooses a share of each class: round(share · n) of n rows (a half counts up), but at least one and not all where a class has two or
    /// more, and none of a class of one.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="fraction">The share, from 0 to less than 1; 0 chooses none.</param>
    /// <param name="classOf">A row's class; null everywhere = one class.</param>
    /// <param name="seed">Which rows.</param>
    public static SelectedRows HoldOut(IReadOnlyList<Example> rows, double fraction, Func<Example, string?> classOf, long seed)
    {
        if (fraction is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected from 0 to less than 1");
        return Select(rows, classOf, seed, RandomPurpose.ValidationSplit, [], (_, size) =>
            fraction == 0 ? 0 : Math.Clamp((int)Math.Round(fraction * size, MidpointRounding.AwayFromZero), Math.Min(1, size - 1), size - 1));
    }

    /// <summary>Divides rows into two random halves; of an odd number the rest has one more.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="seed">Which rows.</param>
    public static SelectedRows Halve(IReadOnlyList<Example> rows, long seed) => Select(rows, _ => null, seed, RandomPurpose.TestSplit, [], (_, size) => size / 2);

    private static SelectedRows Select(
        IReadOnlyList<Example> rows, Func<Example, string?> classOf, long seed, RandomPurpose purpose, IReadOnlyList<string> notes, CountOf countOf)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var selected = new bool[rows.Count];
        var classes = Enumerable.Range(0, rows.Count).GroupBy(position => classOf(rows[position])).OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (var (number, group) in classes.Index())
        {
            int[] positions = [.. group];
            foreach (var i in DeterministicOrder.Permutation(positions.Length, seed, purpose, number).Take(countOf(group.Key, positions.Length)))
                selected[positions[i]] = true;
        }

        return new SelectedRows([.. rows.Where((_, i) => selected[i])], [.. rows.Where((_, i) => !selected[i])], notes);
    }

    private static string Rows(int count) => count == 1 ? "1 row" : $"{count} rows";
}
