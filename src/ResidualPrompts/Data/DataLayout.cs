namespace ResidualPrompts.Data;

/// <summary>
/// How a data set's files differ from what a task's template expects: names of splits, columns and fields, and rows that become several.
/// </summary>
public sealed record DataLayout
{
    /// <summary>File names of a split, without extension, where they differ from the usual ones.</summary>
    public IReadOnlyDictionary<DataSplit, string[]> SplitNames { get; init; } = new Dictionary<DataSplit, string[]>();

    /// <summary>Column names of tables without a header; null = tables have headers.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Other names of a missing field; the first that exists is used.</summary>
    public IReadOnlyDictionary<string, string[]> Fields { get; init; } = new Dictionary<string, string[]>();

    /// <summary>
    /// Converts a row of the file into the rows that it stands for, where renaming is not enough. Rows already in the task's form stay
    /// unchanged. Null = every row stands for itself.
    /// </summary>
    public Func<Example, IEnumerable<Example>>? Rows { get; init; }

    /// <summary>Whether rows are numbered after <see cref="Rows"/>, not by their place in the file.</summary>
    public bool Renumbers { get; init; }

    /// <summary>Applies the layout to the rows of a file. Applying it twice changes nothing more.</summary>
    /// <param name="rows">All rows of a file, in order.</param>
    /// <exception cref="DataException">While reading: a row has neither the file's form nor the task's.</exception>
    public IEnumerable<Example> Apply(IEnumerable<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Apply(rows, null);
    }

    /// <summary>Applies the layout. Rows of neither form are passed to <paramref name="onBadRow"/>, if there is one, and skipped.</summary>
    internal IEnumerable<Example> Apply(IEnumerable<Example> rows, Action<BadRow>? onBadRow)
    {
        var named = Fields.Count == 0 ? rows : rows.Select(Rename);
        var divided = Rows is null ? named : named.SelectMany(row => Divide(row, onBadRow));
        return Renumbers ? divided.Select((row, index) => row.Numbered(index)) : divided;
    }

    private Example[] Divide(Example row, Action<BadRow>? onBadRow)
    {
        try
        {
            return [.. Rows!(row)];
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(BadRow.Of(row, e));
            return [];
        }
    }

    private Example Rename(Example row) => row.With(
        from field in Fields
        where !row.Has(field.Key)
        let there = field.Value.Select(row.Json).FirstOrDefault(value => value is not null)
        where there is not null
        select (field.Key, there.Value));
}
