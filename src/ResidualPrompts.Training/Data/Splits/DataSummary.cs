namespace ResidualPrompts.Data.Splits;

/// <summary>A summary of many rows, made in one pass; of each row only a digest of 16 bytes is kept.</summary>
/// <param name="RowCount">Rows.</param>
/// <param name="DuplicateCount">Rows that are equal to an earlier one.</param>
/// <param name="Fields">Each field with the number of rows in which it is present and not null, in order of appearance.</param>
internal sealed record DataSummary(long RowCount, long DuplicateCount, IReadOnlyList<KeyValuePair<string, long>> Fields)
{
    /// <summary>Reads all rows and summarizes them.</summary>
    /// <param name="rows">The rows.</param>
    /// <exception cref="DataException">A row is invalid.</exception>
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
            foreach (var (name, isGiven) in row.FieldsGiven())
                counts[name] = counts.GetValueOrDefault(name) + (isGiven ? 1 : 0);
        }

        return new DataSummary(rowCount, rowCount - seen.Count, [.. counts]);
    }
}
