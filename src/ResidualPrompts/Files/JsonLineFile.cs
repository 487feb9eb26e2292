using System.Text.Json;

namespace ResidualPrompts.Files;

/// <summary>Writes JSON Lines to a stream.</summary>
internal static class JsonLineFile
{
    /// <summary>Writes an object and a line break for each item.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="items">The items.</param>
    /// <param name="writeFields">Writes the fields of one item, inside an object.</param>
    internal static void Write<T>(Stream stream, IEnumerable<T> items, Action<Utf8JsonWriter, T> writeFields)
    {
        using var json = new Utf8JsonWriter(stream, JsonFormats.Relaxed);
        foreach (var item in items)
        {
            try
            {
                json.WriteStartObject();
                writeFields(json, item);
                json.WriteEndObject();
                json.Flush();
            }
            catch
            {
                json.Reset(); // closing the writer would write the rest, and could hide this failure
                throw;
            }

            json.Reset();
            stream.WriteByte((byte)'\n');
        }
    }
}
