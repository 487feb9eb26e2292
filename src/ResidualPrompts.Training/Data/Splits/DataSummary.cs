namespace ResidualPrompts.Data.Splits;

/// <summary>A summary of many rows, made in one pass; of each row only a digest of 16 bytes is kept.</summary>
/// <param name="RowCount">Rows.</param>
/// <param name="DuplicateCount">Rows that are equal to an earlier one.</param>
/// <param name="SharedCount">Rows that are also in an earlier split.</param>
/// <param name="Fields">Each field with the number of rows in which it is present and not null, in order of appearance.</param>
internal sealed record DataSummary(long RowCount, long DuplicateCount, long SharedCount, IReadOnlyList<KeyValuePair<string, long>> Fields)
{
    /// <summary>Reads all rows and summarizes them.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="earlier">The content of the rows of earlier splits, which these rows join; null = nothing is compared.</param>
    /// <exception cref="DataException">A row is invalid.</exception>
    public static DataSummary Of(IEnumerable<Example> rows, HashSet<UInt128>? earlier = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var contents = new List<UInt128>();
        long sharedCount = 0;
        var seen = new HashSet<UInt128>();
        var counts = new OrderedDictionary<string, long>();
        long rowCount = 0;
        foreach (var row in rows)
        {
            rowCount++;
            if (earlier is not null)
            {
                var content = BitConverter.ToUInt128(row.ContentDigest());
                contents.Add(content);
                sharedCount += earlier.Contains(content) ? 1 : 0;
            }

            seen.Add(BitConverter.ToUInt128(row.Digest()));
            foreach (var (name, isGiven) in row.FieldsGiven())
                counts[name] = counts.GetValueOrDefault(name) + (isGiven ? 1 : 0);
        }

        earlier?.UnionWith(contents);
        return new DataSummary(rowCount, rowCount - seen.Count, sharedCount, [.. counts]);
    }
}
