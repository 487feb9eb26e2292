using System.Text.Json;
using ResidualPrompts.Data;

namespace ResidualPrompts.Runs;

/// <summary>Bad rows as JSON Lines: row, from 1, line, reason, and the text of the row where there is one.</summary>
public static class BadRowFile
{
    /// <summary>Writes the fields of one bad row.</summary>
    /// <param name="json">Inside an object.</param>
    /// <param name="row">The row.</param>
    public static void WriteFields(Utf8JsonWriter json, BadRow row)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(row);
        json.WriteNumber("row", row.Index + 1L);
        json.WriteNumber("line", row.Line);
        json.WriteString("reason", row.Reason);
        json.WriteString("text", row.Text);
    }

    /// <summary>Rows as lines, in the order of the input.</summary>
    internal static byte[] Lines(IEnumerable<BadRow> rows)
    {
        using var lines = new MemoryStream();
        using var json = new Utf8JsonWriter(lines, PredictionFile.Relaxed);
        foreach (var row in rows.OrderBy(row => row.Index))
        {
            json.WriteStartObject();
            WriteFields(json, row);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }
}
