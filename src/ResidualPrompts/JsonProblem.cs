using System.Text.Json;

namespace ResidualPrompts;

/// <summary>Describes what is wrong with a JSON text. Line numbers start at 1; the parser's own start at 0.</summary>
internal static class JsonProblem
{
    private static readonly string[] Places = [" Path: ", " LineNumber: "];

    /// <summary>The problem and its place in a file; the unchanged message where the parser names no place.</summary>
    internal static string Of(Exception exception)
    {
        if (exception is not JsonException { LineNumber: { } line, BytePositionInLine: { } before } json)
            return exception.Message;
        var path = json.Path is { Length: > 1 } keys ? $"{keys}, " : ""; // $ is the whole
        return $"{Text(json)} ({path}line {line + 1}, byte {before + 1}).";
    }

    /// <summary>The problem without its place.</summary>
    internal static string Text(JsonException exception)
    {
        var message = exception.Message;
        var end = Places.Select(place => message.IndexOf(place, StringComparison.Ordinal)).Where(at => at > 0).DefaultIfEmpty(message.Length).Min();
        return message[..end].TrimEnd('.');
    }
}
