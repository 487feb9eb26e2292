using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Files;

namespace ResidualPrompts.Predictions;

/// <summary>Bad rows as JSON Lines: row (from 1), line, reason, and the row's text if known.</summary>
internal static class BadRowFile
{
    /// <summary>Rows as lines, in the order of the input.</summary>
    internal static byte[] Lines(IEnumerable<BadRow> rows)
    {
        using var lines = new MemoryStream();
        JsonLineFile.Write(lines, rows.OrderBy(row => row.Index), WriteFields);
        return lines.ToArray();
    }

    private static void WriteFields(Utf8JsonWriter json, BadRow row)
    {
        json.WriteNumber("row", row.Index + 1L);
        json.WriteNumber("line", row.Line);
        json.WriteString("reason", row.Reason);
        json.WriteString("text", row.Text);
    }
}
