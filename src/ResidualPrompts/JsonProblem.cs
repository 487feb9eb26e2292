using System.Text.Json;

namespace ResidualPrompts;

/// <summary>Describes what is wrong with a JSON text. Line numbers start at 1; the parser's own start at 0.</summary>
internal static class JsonProblem
{
    private const int LongestProblem = 300; // the parser's own words, and a key of the file
    private static readonly string[] Places = [" Path: ", " LineNumber: "];

    /// <summary>Whether an exception is one by which .NET refuses a JSON text or a value in it.</summary>
    internal static bool IsOne(Exception exception) => exception is JsonException or InvalidOperationException or FormatException or OverflowException
        or ArgumentException or NotSupportedException or KeyNotFoundException;

    /// <summary>The problem and its place in a file; the unchanged message where the parser names no place.</summary>
    internal static string Of(Exception exception)
    {
        if (exception is not JsonException json)
            return exception.Message;
        if (json is not { LineNumber: { } line, BytePositionInLine: { } before })
            return json.Path is { Length: > 1 } place ? $"{Text(json)} ({ShownText.Value(place)})." : json.Message;
        var path = json.Path is { Length: > 1 } keys ? $"{ShownText.Value(keys)}, " : ""; // $ is the whole
        return $"{Text(json)} ({path}line {line + 1}, byte {before + 1}).";
    }

    /// <summary>The problem without its place.</summary>
    internal static string Text(JsonException exception)
    {
        var message = exception.Message;
        var end = Places.Select(place => message.IndexOf(place, StringComparison.Ordinal)).Where(at => at > 0).DefaultIfEmpty(message.Length).Min();
        return ShownText.Value(message[..end].TrimEnd('.'), LongestProblem);
    }
}
