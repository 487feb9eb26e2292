namespace ResidualPrompts.Data.Splits;

/// <summary>What many rows hold, found in one pass; nothing is kept of a row but a digest of 16 bytes.</summary>
/// <param name="RowCount">Rows.</param>
/// <param name="DuplicateCount">Rows that are equal to an earlier one.</param>
/// <param name="Fields">Each field, and in how many rows it is and is not null; in order of appearance.</param>
public sealed record DataSummary(long RowCount, long DuplicateCount, IReadOnlyList<KeyValuePair<string, long>> Fields)
{
    /// <summary>Reads rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <exception cref="DataException">A row is wrong.</exception>
    public static DataSummary Of(IEnumerable<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var seen = new HashSet<UInt128>();
        var counts = new OrderedDictionary<string, long>();
        long rowCount = 0;
        foreach (var row in rows)
        {
            rowCount++;
            seen.Add(BitConverter.ToUInt128(row.Digest()));
            foreach (var name in row.Fields)
                counts[name] = counts.GetValueOrDefault(name) + (row.Has(name) ? 1 : 0);
        }

        return new DataSummary(rowCount, rowCount - seen.Count, [.. counts]);
    }
}
