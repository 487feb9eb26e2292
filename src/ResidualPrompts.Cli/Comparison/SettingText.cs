using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Comparison;

/// <summary>Settings as short text for tables and legends.</summary>
internal static class SettingText
{
    /// <summary>
    /// A setting as it stands in a table. A word speaks for itself (<c>mlp</c>), unless it says that something is absent; a path is its last
    /// part; numbers and flags carry the setting's name (<c>learning_rate 0.3</c>).
    /// </summary>
    internal static string Short(string key, JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } word && word is not ("none" or "last" or "best")
            ? LastPart(word)
            : $"{key} {Plain(value)}";

    /// <summary>The value alone.</summary>
    internal static string Plain(JsonNode? value) => value is null ? "-"
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>()
        : value.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue<double>(out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
        : value.ToJsonString();

    /// <summary>Paths without their longest common beginning: <c>runs/plain</c> and <c>runs/first</c> become <c>plain</c> and <c>first</c>.</summary>
    internal static IReadOnlyList<string> ShortPaths(IReadOnlyList<string> paths)
    {
        string[][] parts = [.. paths.Select(path => Path.TrimEndingDirectorySeparator(path).Split(['/', Path.DirectorySeparatorChar]))];
        var common = 0;
        while (parts.All(one => common < one.Length - 1 && one[common] == parts[0][common]))
            common++;
        return [.. parts.Select(one => string.Join('/', one.Skip(common)))];
    }

    private static string LastPart(string word) =>
        word.Contains('/', StringComparison.Ordinal) && Path.GetFileName(Path.TrimEndingDirectorySeparator(word)) is { Length: > 0 } name
            ? name
            : word;
}
