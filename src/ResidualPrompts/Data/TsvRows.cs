namespace ResidualPrompts.Data;

/// <summary>Reads rows of tab-separated values with a header. Quotes are plain characters; empty lines are passed over.</summary>
public static class TsvRows
{
    /// <summary>Parses lines lazily.</summary>
    /// <param name="lines">The lines; the first that is not empty is the header.</param>
    /// <param name="source">What to call them in messages.</param>
    /// <param name="headerless">Names of the columns when the first line is none of them but data; null = there is always a header.</param>
    /// <exception cref="DataException">The header repeats a name, or a row has another number of cells.</exception>
    public static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source, IReadOnlyList<string>? headerless = null)
    {
        ArgumentNullException.ThrowIfNull(lines);
        TableColumns? columns = null;
        var index = 0;
        foreach (var line in lines.Where(line => line.Text.Length > 0))
        {
            var cells = line.Text.Split('\t');
            var isHeader = columns is null && !TableColumns.IsHeaderless(cells, headerless);
            columns ??= new TableColumns(isHeader ? cells : headerless!, source, line.Number);
            if (!isHeader)
                yield return columns.Row(cells, line.Number, index++);
        }
    }
}
