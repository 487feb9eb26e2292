namespace ResidualPrompts.Data.Text;

/// <summary>Reads rows of tab-separated values with a header. Quotes are plain characters; empty lines are skipped.</summary>
internal static class TsvRows
{
    /// <summary>Parses lines lazily.</summary>
    /// <param name="lines">The lines; the first nonempty one is the header.</param>
    /// <param name="source">Their name in messages.</param>
    /// <param name="headerless">Names of the columns when the first line is data; null = there is always a header.</param>
    /// <exception cref="DataException">The header repeats a name, or a row has the wrong number of cells.</exception>
    public static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source, IReadOnlyList<string>? headerless = null)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return Read(lines, source, headerless, null);
    }

    /// <summary>Parses lines lazily; with a callback for bad rows, only a bad header throws.</summary>
    internal static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source, IReadOnlyList<string>? headerless, Action<BadRow>? onBadRow)
    {
        TableColumns? columns = null;
        var index = 0;
        foreach (var line in lines.Where(line => line.Text.Length > 0))
        {
            var cells = line.Text.Split('\t');
            var isHeader = columns is null && !TableColumns.IsHeaderless(cells, headerless);
            if (isHeader && line.Problem is { } problem)
                throw problem;
            columns ??= new TableColumns(isHeader ? cells : headerless!, source, line.Number);
            if (!isHeader && Row(columns, cells, line, index++, onBadRow) is { } row)
                yield return row;
        }
    }

    private static Example? Row(TableColumns columns, string[] cells, TextLine line, int index, Action<BadRow>? onBadRow)
    {
        try
        {
            return line.Problem is { } problem ? throw problem : columns.Row(cells, line.Number, index);
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(new BadRow(index, line.Number, BadRow.ReasonOf(e), line.Text));
            return null;
        }
    }
}
