namespace ResidualPrompts.Data;

/// <summary>
/// How the files of a data set name their splits, columns and fields, where that is not what a task's template says, and how one row of
/// a file becomes several.
/// </summary>
public sealed record DataLayout
{
    /// <summary>File names of a split, without extension, where they are not the usual ones.</summary>
    public IReadOnlyDictionary<DataSplit, string[]> SplitNames { get; init; } = new Dictionary<DataSplit, string[]>();

    /// <summary>Names of the columns of a table that has no header; null = tables always have one.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>For a field that a row lacks, the names that it may have instead, the first that is there.</summary>
    public IReadOnlyDictionary<string, string[]> Fields { get; init; } = new Dictionary<string, string[]>();

    /// <summary>
    /// What no renaming can say: the rows that a row of the file stands for. Null = itself. Rows that are as they should be come out as
    /// they are.
    /// </summary>
    public Func<Example, IEnumerable<Example>>? Rows { get; init; }

    /// <summary>Whether rows are numbered as they come out of <see cref="Rows"/>, not as they stand in the file.</summary>
    public bool Renumbers { get; init; }

    /// <summary>Applies the layout to the rows of a file; applied twice it changes nothing more.</summary>
    /// <param name="rows">All rows of a file, in order.</param>
    /// <exception cref="DataException">While reading: a row is neither of the file's form nor of the task's.</exception>
    public IEnumerable<Example> Apply(IEnumerable<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Apply(rows, null);
    }

    /// <summary>Applies the layout; a row that is of neither form is told of, where somebody wants to know, and left out.</summary>
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
