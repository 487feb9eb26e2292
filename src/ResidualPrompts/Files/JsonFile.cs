using System.Text.Json;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Files;

/// <summary>
/// Parses JSON that someone may have edited or damaged. What the parser of .NET accepts and only fails later, or never, is refused here with its
/// place: half a surrogate pair, bytes that are not UTF-8, numbers beyond the range of a double.
/// </summary>
internal static class JsonFile
{
    private const int LongestShown = 60;

    /// <summary>Parses a text into a tree that can be changed.</summary>
    /// <exception cref="JsonException">It is not JSON, or not sound.</exception>
    internal static JsonNode? Node(byte[] json, JsonDocumentOptions options)
    {
        using (var document = Document(json, options))
            _ = document; // a tree reads its texts late, so the check is of the document
        return JsonNode.Parse(WithoutMark(json).Span, null, options);
    }

    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is not JSON, or not sound.</exception>
    internal static JsonDocument Document(ReadOnlyMemory<byte> json, JsonDocumentOptions options = default)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(WithoutMark(json), options);
        }
        catch (InvalidOperationException e) // a key that is half a surrogate pair, where keys are compared
        {
            throw new JsonException("A key is not valid text.", e);
        }

        try
        {
            Check(document.RootElement, "$");
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>A value of a tree as a text; null if it is missing.</summary>
    /// <exception cref="JsonException">It is of another kind.</exception>
    internal static string? Text(JsonNode? value) => value is null ? null
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Wrong(value, "a text");

    /// <summary>A value of a tree as a count; null if it is missing.</summary>
    /// <exception cref="JsonException">It is of another kind.</exception>
    internal static int? Count(JsonNode? value) => value is null ? null
        : value is JsonValue number && number.TryGetValue<int>(out var count) && count >= 0 ? count : throw Wrong(value, "a whole number");

    /// <summary>Lists in what this library writes have no holes.</summary>
    /// <exception cref="JsonException">A list has a null.</exception>
    internal static void RequireItems(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject items:
                foreach (var (_, value) in items)
                    RequireItems(value);
                break;
            case JsonArray items:
                if (items.IndexOf(null) is >= 0 and var hole)
                    throw new JsonException($"A value is missing ({items.GetPath()}[{hole}]).");
                foreach (var value in items)
                    RequireItems(value);
                break;
        }
    }

    private static JsonException Wrong(JsonNode value, string expected) =>
        new($"{value.GetPath().TrimStart('$', '.')} is {ShownText.Value(value.ToJsonString(), LongestShown)}, expected {expected}.");

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) => json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;

    private static void Check(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var item in value.EnumerateObject())
                    Check(item.Value, $"{path}.{ShownText.Value(NameOf(item, path), LongestShown)}");
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    Check(item, $"{path}[{index++}]");
                break;
            case JsonValueKind.String:
                try
                {
                    _ = value.GetString();
                }
                catch (InvalidOperationException e)
                {
                    throw new JsonException($"The text is not valid Unicode ({path}).", e);
                }

                break;
            case JsonValueKind.Number when !double.IsFinite(value.GetDouble()):
                throw new JsonException($"The number is not finite ({path}).");
        }
    }

    private static string NameOf(JsonProperty item, string path)
    {
        try
        {
            return item.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"A key is not valid Unicode (in {path}).", e);
        }
    }
}
