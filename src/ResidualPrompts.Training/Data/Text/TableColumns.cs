using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ResidualPrompts.Files;

namespace ResidualPrompts.Data.Text;

/// <summary>The header of a CSV or TSV file: converts rows of cells to examples whose fields are strings.</summary>
internal sealed class TableColumns
{
    private readonly JsonEncodedText[] _names;
    private readonly string _source;

    /// <exception cref="DataException">Two columns have the same name. One may have no name, as pandas writes row numbers.</exception>
    public TableColumns(IReadOnlyList<string> names, string source, long line)
    {
        if (names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw DataException.AtLine(source, line, $"the header names column '{Example.Shortened(twice.Key)}' twice");
        if (names.Any(name => name.Contains('\r')))
        {
            throw DataException.AtLine(
                source,
                line,
                "there is a carriage return in the header: lines must end in a line feed, with or without a carriage return before it");
        }

        _names = [.. names.Select(name => JsonEncodedText.Encode(name, JsonFormats.Relaxed.Encoder))];
        _source = source;
    }

    /// <summary>
    /// Whether the first line is already data: the columns of a file without a header are known, the line has as many cells, and it does not look
    /// like a header, which contains at least half of the column names and no number. (A text may be equal to a column's name.)
    /// </summary>
    public static bool IsHeaderless(IReadOnlyList<string> first, IReadOnlyList<string>? columns) =>
        columns is not null && first.Count == columns.Count && (first.Intersect(columns).Count() * 2 < columns.Count || first.Any(IsNumber));

    private static bool IsNumber(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    /// <exception cref="DataException">The row has a different number of cells than the header.</exception>
    public Example Row(IReadOnlyList<string> cells, long line, int index)
    {
        if (cells.Count != _names.Length)
        {
            var hint = _names.Length == 1 && Example.HintAt(_names[0].Value) is { } found ? found : "";
            throw DataException.AtLine(_source, line, $"{Cells(cells.Count)}, expected {_names.Length} as in the header{hint}");
        }


        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, JsonFormats.Relaxed))
        {
            json.WriteStartObject();
            for (var i = 0; i < _names.Length; i++)
                json.WriteString(_names[i], cells[i]);
            json.WriteEndObject();
        }

        return new Example(JsonElement.Parse(bytes.WrittenSpan), _source, line, index);
    }

    private static string Cells(int count) => count == 1 ? "1 cell" : $"{count} cells";
}
