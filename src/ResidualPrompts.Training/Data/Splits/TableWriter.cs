using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Splits;

/// <summary>
/// Writes rows as a table with a header, in the format of <see cref="CsvRows"/> or <see cref="TsvRows"/>: strings as they are, null as an empty
/// cell, everything else as JSON.
/// </summary>
/// <param name="columns">The names of the columns.</param>
/// <param name="isCsv">Whether cells are separated by commas and quoted where needed; else by tabs, never quoted.</param>
internal sealed class TableWriter(IReadOnlyList<string> columns, bool isCsv)
{
    private static readonly CsvConfiguration Configuration = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
    private readonly HashSet<string> _known = [.. columns];

    /// <summary>The header line.</summary>
    /// <exception cref="FormatException">The format cannot hold a name.</exception>
    public byte[] Header() => Line(columns);

    /// <summary>A row as a line.</summary>
    /// <param name="row">An object; missing columns are empty.</param>
    /// <exception cref="FormatException">The row has a field that is not a column, or a string that the format cannot hold.</exception>
    public byte[] Row(JsonElement row)
    {
        var values = new Dictionary<string, JsonElement>();
        foreach (var property in row.EnumerateObject())
        {
            values[property.Name] = _known.Contains(property.Name) ? property.Value : throw new FormatException(
                $"it has a field '{Example.Shortened(property.Name)}', which the first row lacks; a table has one set of columns, .jsonl takes any");
        }

        return Line([.. columns.Select(column => values.TryGetValue(column, out var value) ? Cell(value) : "")]);
    }

    private static string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private byte[] Line(params IReadOnlyList<string> cells)
    {
        if (!isCsv && cells.Any(IsOnly))
            throw new FormatException("a .tsv of one column cannot hold an empty text; .csv and .jsonl can");
        if (!isCsv)
            return Encoding.UTF8.GetBytes(string.Join('\t', cells.Select(Plain)) + "\n");
        using var text = new StringWriter();
        using (var csv = new CsvWriter(text, Configuration, leaveOpen: true))
        {
            foreach (var cell in cells)
            {
                if (IsOnly(cell))
                    csv.WriteField(cell, shouldQuote: true); // an empty line would be skipped
                else
                    csv.WriteField(cell);
            }

            csv.NextRecord();
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private bool IsOnly(string cell) => columns.Count == 1 && cell.Length == 0;

    private static string Plain(string cell) => cell.AsSpan().ContainsAny("\t\n\r")
        ? throw new FormatException(".tsv cannot hold a tab or a line break in a text; .csv and .jsonl can")
        : cell;
}
