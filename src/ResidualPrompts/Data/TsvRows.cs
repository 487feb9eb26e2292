namespace ResidualPrompts.Data;

/// <summary>Reads rows of tab-separated values with a header. Quotes are plain characters; empty lines are passed over.</summary>
public static class TsvRows
{
    /// <summary>Parses lines lazily.</summary>
    /// <param name="lines">The lines; the first that is not empty is the header.</param>
    /// <param name="source">What to call them in messages.</param>
    /// <param name="names">Names of the columns when there is no header.</param>
    /// <exception cref="DataException">The header repeats a name, or a row has another number of cells.</exception>
    public static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var columns = names is null ? null : new TableColumns(names, source, 0);
        var index = 0;
        foreach (var line in lines.Where(line => line.Text.Length > 0))
        {
            var cells = line.Text.Split('\t');
            if (columns is null)
                columns = new TableColumns(cells, source, line.Number);
            else
                yield return columns.Row(cells, line.Number, index++);
        }
    }
}
