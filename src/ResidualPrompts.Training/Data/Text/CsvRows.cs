using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace ResidualPrompts.Data.Text;

/// <summary>
/// Reads rows of comma-separated values with a header, as in RFC 4180: a cell in double quotes may hold commas, line breaks
/// and doubled quotes. Empty lines are skipped; a line of two quotes is a row with one empty cell. A line break within a cell is read as a line feed.
/// </summary>
internal static class CsvRows
{
    /// <summary>The longest cell, in characters: an unclosed quote must not swallow a whole file.</summary>
    public const int LongestCell = 1 << 24;

    /// <summary>Parses lines lazily.</summary>
    /// <param name="lines">The lines; the first nonempty one is the header.</param>
    /// <param name="source">Their name in messages.</param>
    /// <param name="headerless">Names of the columns when the first line is data; null = there is always a header.</param>
    /// <exception cref="DataException">
    /// A quote is misplaced or unclosed, the header repeats a name, or a row has too few or too many cells.
    /// </exception>
    public static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source, IReadOnlyList<string>? headerless = null)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return Read(lines, source, headerless, null);
    }

    /// <summary>
    /// Parses lines lazily; with a callback for bad rows, only a bad header throws. The end of a bad row is unknown (a quote may be missing), so
    /// only its first line is skipped.
    /// </summary>
    internal static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source, IReadOnlyList<string>? headerless, Action<BadRow>? onBadRow)
    {
        using var reader = new LineReader(lines, keeps: onBadRow is not null);
        var parser = NewParser(reader);
        var linesBefore = 0L; // lines before the parser's input
        TableColumns? columns = null;
        var index = 0;
        while (true)
        {
            var line = linesBefore + parser.RawRow + 1L;
            reader.Forget(line);
            Example? row = null;
            try
            {
                if (Next(parser, source, line) is not { } cells)
                    break;
                if (reader.ProblemUpTo(linesBefore + parser.RawRow) is { } problem)
                    throw problem;
                if (cells is [""] && parser.RawRecord is "\n")
                    continue; // a quoted empty cell is a row
                var isHeader = columns is null && !TableColumns.IsHeaderless(cells, headerless);
                columns ??= new TableColumns(isHeader ? cells : headerless!, source, line);
                if (!isHeader)
                    row = columns.Row(cells, line, index);
            }
            catch (DataException e) when (onBadRow is not null && columns is not null && reader.First is { } first)
            {
                onBadRow(new BadRow(index++, line, BadRow.ReasonOf(e), first.Text));
                reader.GoBack();
                (parser, linesBefore) = (NewParser(reader), line);
                continue;
            }

            if (row is null)
                continue;
            yield return row;
            index++;
        }
    }

    private static CsvParser NewParser(LineReader reader) => new(reader, Configuration(), leaveOpen: true);

    private static CsvConfiguration Configuration() => new(CultureInfo.InvariantCulture)
    {
        IgnoreBlankLines = false, // they would make the line number of the next row unknown
        NewLine = "\n",
        MaxFieldSize = LongestCell,
        BufferSize = 1 << 14,
    };

    /// <summary>The cells of the next row, including empty lines; null at the end.</summary>
    private static string[]? Next(CsvParser parser, string source, long line)
    {
        try
        {
            return parser.Read() ? parser.Record : null;
        }
        catch (MaxFieldSizeException)
        {
            throw DataException.AtLine(source, line, $"a cell is longer than {LongestCell} characters; is a quote unclosed?");
        }
        catch (CsvHelperException)
        {
            var hint = parser.RawRecord.Contains("\";\"", StringComparison.Ordinal) ? Example.SeparatorHint : "";
            throw DataException.AtLine(
                source,
                line,
                "a double quote is inside an unquoted cell, or after the end of a quoted one, or unclosed; "
                + $"quote the cell and double the quotes in it{hint}");
        }
    }
}
