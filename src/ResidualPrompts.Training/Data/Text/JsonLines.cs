using System.Text;
using System.Text.Json;
using ResidualPrompts.Files;

namespace ResidualPrompts.Data.Text;

/// <summary>Reads rows of JSON Lines: one JSON object per line; blank lines are skipped.</summary>
internal static class JsonLines
{
    /// <summary>Parses lines lazily.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">Their name in messages.</param>
    /// <exception cref="DataException">A line is not a JSON object, or an object has a name twice.</exception>
    public static IEnumerable<Example> Read(IEnumerable<TextLine> lines, string source)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return lines.Where(line => !string.IsNullOrWhiteSpace(line.Text))
            .Select((line, index) => new Example(Parse(Encoding.UTF8.GetBytes(line.Text), line.Number, source), source, line.Number, index));
    }

    /// <summary>Reads a file lazily, without decoding its lines to strings.</summary>
    internal static IEnumerable<Example> ReadFile(string path, ReadOptions options)
    {
        var index = 0;
        foreach (var line in TextLines.SplitFile(path, options))
        {
            if (line.IsBlank)
                continue;
            if (Parse(line, path, index, options.OnBadRow) is { } row)
                yield return new Example(row, path, line.Number, index);
            index++;
        }
    }

    private static JsonElement? Parse(RawLine line, string path, int index, Action<BadRow>? onBadRow)
    {
        try
        {
            return Parse(line.Utf8(path), line.Number, path);
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(new BadRow(index, line.Number, BadRow.ReasonOf(e), line.DecodeLeniently(path).Text));
            return null;
        }
    }

    private static JsonElement Parse(ReadOnlySpan<byte> line, long number, string source)
    {
        try
        {
            var row = JsonElement.Parse(line, JsonFormats.Strict);
            return row.ValueKind == JsonValueKind.Object
                ? row
                : throw DataException.AtLine(source, number, $"expected a JSON object, found {Example.Kind(row)}");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw DataException.AtLine(source, number, $"not valid JSON: {Reason(e)}");
        }
    }

    /// <summary>The parser counts lines within the one line that it was given; only the byte position is meaningful.</summary>
    private static string Reason(Exception e) =>
        e is JsonException { BytePositionInLine: { } before } json ? $"{JsonProblem.Text(json)} (at byte {before + 1} of the line)" : e.Message;
}
