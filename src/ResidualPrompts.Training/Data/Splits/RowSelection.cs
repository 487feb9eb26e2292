using ResidualPrompts.Randomness;

namespace ResidualPrompts.Data.Splits;

/// <summary>
/// Selects rows by a seed: per class or, where rows belong together, in whole groups. Pure functions: the same rows and seed give the same
/// selection on every machine.
/// </summary>
internal static class RowSelection
{
    private delegate int CountOf(string? name, int size);

    /// <summary>Selects k rows of each class, or k groups; all rows of a smaller class, with a note.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">k, at least 1.</param>
    /// <param name="classOf">A row's class; null for all rows = one class.</param>
    /// <param name="seed">The seed of the selection.</param>
    /// <param name="purpose">What the rows are selected for; each purpose has its own random stream.</param>
    /// <param name="groupOf">The group that a row belongs to; null = no groups.</param>
    public static SelectedRows PerClass(
        IReadOnlyList<Example> rows, int count, Func<Example, string?> classOf, long seed, RandomPurpose purpose,
            Func<Example, string?>? groupOf = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var notes = new List<string>();
        return Select(rows, classOf, groupOf, seed, purpose, notes, (name, size) =>
        {
            if (size < count)
                notes.Add($"{(name is null ? "The data" : $"Class '{name}'")} has {Counted(size, groupOf is null ? "row" : "group")}, "
                    + $"{count} were asked for: all are taken.");
            return Math.Min(size, count);
        });
    }

    /// <summary>
    /// Selects a share of each class, or of the groups: round(share · n) of n, halves rounded up; at least one and not all when n is two or
    /// more, none when n is one.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="fraction">The share, from 0 to less than 1; 0 selects none.</param>
    /// <param name="classOf">A row's class; null for all rows = one class.</param>
    /// <param name="seed">The seed of the selection.</param>
    /// <param name="groupOf">The group that a row belongs to; null = no groups.</param>
    public static SelectedRows HoldOut(
        IReadOnlyList<Example> rows, double fraction, Func<Example, string?> classOf, long seed, Func<Example, string?>? groupOf = null)
    {
        if (fraction is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected from 0 to less than 1");
        return Select(rows, classOf, groupOf, seed, RandomPurpose.ValidationSplit, [], (_, size) =>
            fraction == 0 ? 0 : Math.Clamp((int)Math.Round(fraction * size, MidpointRounding.AwayFromZero), Math.Min(1, size - 1), size - 1));
    }

    /// <summary>Divides rows, or their groups, into two random halves; the rest has one more of an odd number.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="seed">The seed of the selection.</param>
    /// <param name="groupOf">The group that a row belongs to; null = no groups.</param>
    public static SelectedRows Halve(IReadOnlyList<Example> rows, long seed, Func<Example, string?>? groupOf = null) =>
        Select(rows, _ => null, groupOf, seed, RandomPurpose.TestSplit, [], (_, size) => size / 2);

    private static SelectedRows Select(
        IReadOnlyList<Example> rows, Func<Example, string?> classOf, Func<Example, string?>? groupOf, long seed, RandomPurpose purpose,
            IReadOnlyList<string> notes, CountOf countOf)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var selected = new bool[rows.Count];
        foreach (var (number, (name, units)) in Classes(rows, classOf, groupOf).Index())
        {
            foreach (var i in DeterministicOrder.Permutation(units.Length, seed, purpose, number).Take(countOf(name, units.Length)))
            {
                foreach (var position in units[i])
                    selected[position] = true;
            }
        }

        return new SelectedRows([.. rows.Where((_, i) => selected[i])], [.. rows.Where((_, i) => !selected[i])], notes);
    }

    /// <summary>
    /// The units of selection in each class: row positions, single or grouped. Groups have no class, since their rows may have several.
    /// </summary>
    private static IEnumerable<(string? Name, int[][] Units)> Classes(
        IReadOnlyList<Example> rows, Func<Example, string?> classOf, Func<Example, string?>? groupOf)
    {
        var positions = Enumerable.Range(0, rows.Count);
        return groupOf is null
            ? positions.GroupBy(position => classOf(rows[position])).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, group.Select(position => new[] { position }).ToArray()))
            : [(null, [.. positions.GroupBy(position => groupOf(rows[position]) ?? $"row {position}").Select(group => group.ToArray())])];
    }

    private static string Counted(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
