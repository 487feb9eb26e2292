using System.Globalization;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints a result that is JSON as two columns for people, and writes it as JSON where a file is named.</summary>
internal static class ResultPrinter
{
    internal static void Print(JsonObject result, string? file)
    {
        if (file is not null)
            ReplacedFile.Write(file, result.ToJsonString() + "\n");
        var width = result.Max(pair => pair.Key.Length);
        foreach (var (key, value) in result)
            Console.WriteLine($"{Words(key).PadRight(width)}  {Text(value)}");
    }

    private static string Words(string key) => key.Replace('_', ' ');

    private static string Text(JsonNode? value) => value switch
    {
        null => "unknown",
        JsonObject parts => string.Join(", ", parts.Select(part => $"{Words(part.Key)} {Text(part.Value)}")),
        JsonArray items => string.Join(" ", items.Select(Text)),
        JsonValue number when number.TryGetValue<double>(out var real) => Number(real),
        _ => value.ToString(),
    };

    /// <summary>Four digits that count, and never an exponent.</summary>
    private static string Number(double value)
    {
        var digits = value == 0 ? 0 : Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 9);
        return Math.Round(value, digits).ToString("0.#########", CultureInfo.InvariantCulture);
    }
}
