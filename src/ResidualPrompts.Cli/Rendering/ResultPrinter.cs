using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints a JSON result as two columns, and also writes it to a file if one is given.</summary>
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
        JsonValue number when number.TryGetValue<double>(out var real) => MeasuredText.Of(real, digitCount: 4),
        _ => value.ToString(),
    };
}
