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
        if (row.EnumerateObject().FirstOrDefault(property => !_known.Contains(property.Name))
            is { Value.ValueKind: not JsonValueKind.Undefined } more)
        {
            throw new FormatException(
                $"it has a field '{Example.Shortened(more.Name)}', which the first row lacks; a table has one set of columns, .jsonl takes any");
        }

        return Line(columns.Select(column => row.TryGetProperty(column, out var value) ? Cell(value) : ""));
    }

    private static string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private byte[] Line(IEnumerable<string> cells)
    {
        if (!isCsv)
            return Encoding.UTF8.GetBytes(string.Join('\t', cells.Select(Plain)) + "\n");
        using var text = new StringWriter();
        using (var csv = new CsvWriter(text, Configuration, leaveOpen: true))
        {
            foreach (var cell in cells)
                csv.WriteField(cell);
            csv.NextRecord();
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Plain(string cell) => cell.AsSpan().ContainsAny("\t\n\r")
        ? throw new FormatException(".tsv cannot hold a tab or a line break in a text; .csv and .jsonl can")
        : cell;
}
