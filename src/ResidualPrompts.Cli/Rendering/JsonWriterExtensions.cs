using System.Text.Json;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Writes arrays of numbers in one call.</summary>
internal static class JsonWriterExtensions
{
    internal static void WriteNumbers(this Utf8JsonWriter json, string name, ReadOnlySpan<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    internal static void WriteNumbers(this Utf8JsonWriter json, string name, ReadOnlySpan<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
