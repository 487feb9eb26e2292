using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ResidualPrompts.Server.Http;

/// <summary>Reads a request body: a JSON object with known keys.</summary>
internal static class RequestJson
{
    /// <summary>
    /// The server's hard limit, far above the accepted size, so that a slightly too large body gets an answer instead of a closed connection.
    /// </summary>
    internal const long LeastServerLimit = 64L << 20;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a body of at most <paramref name="limit"/> bytes. The caller disposes the document.</summary>
    internal static async Task<JsonDocument> ReadAsync(HttpRequest request, int limit, IReadOnlyList<string> keys,
        CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
            throw RequestProblem.TooLarge(limit);
        LetThrough(request, Math.Max(LeastServerLimit, 2L * limit));
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int count; (count = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (body.Length + count > limit)
                throw RequestProblem.TooLarge(limit);
            body.Write(buffer, 0, count);
        }

        var document = Parse(body.ToArray());
        try
        {
            CheckKeys(document.RootElement, keys);
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>The characters of a JSON string.</summary>
    internal static string Text(JsonElement value, string where)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw RequestProblem.Bad($"{where} is {Kind(value)}, expected a text.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw RequestProblem.Bad($"{where} is not valid Unicode: it contains invalid bytes or half of a surrogate pair.");
        }
    }

    /// <summary>A nonempty JSON array, or null if the key is missing or null.</summary>
    internal static JsonElement? Array(JsonElement root, string key)
    {
        if (!root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw RequestProblem.Bad($"'{key}' is {Kind(value)}, expected an array.");
        return value.GetArrayLength() > 0 ? value : throw RequestProblem.Bad($"'{key}' is empty, expected at least one element.");
    }

    /// <summary>An array of texts, or null if the key is missing or null.</summary>
    internal static string[]? Texts(JsonElement root, string key) =>
        Array(root, key) is { } array ? [.. array.EnumerateArray().Select((item, i) => Text(item, $"'{key}'[{i}]"))] : null;

    /// <summary>A text, or null if the key is missing or null.</summary>
    internal static string? OptionalText(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? Text(value, $"'{key}'") : null;

    /// <summary>A whole number in a range, or null if the key is missing or null.</summary>
    internal static int? Number(JsonElement root, string key, int least, int most)
    {
        if (!root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw RequestProblem.Bad(
                $"'{key}' is {(value.ValueKind == JsonValueKind.Number ? Shortened(value.GetRawText()) : Kind(value))}, "
                + $"expected a whole number from {least} to {most}.");
    }

    /// <summary>A text from a request, shortened for a message.</summary>
    internal static string Shortened(string text) => ShownText.Value(text, 40);

    internal static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    /// <summary>Raises the web server's own limit, so that this class counts the bytes and explains the problem.</summary>
    private static void LetThrough(HttpRequest request, long bytes)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server && server.MaxRequestBodySize < bytes)
            server.MaxRequestBodySize = bytes;
    }

    private static JsonDocument Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException e)
        {
            throw RequestProblem.Bad(body.Length == 0 ? "The body is empty, expected a JSON object." : $"The body is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser decodes all keys to detect duplicates; one of them is not valid Unicode.
            throw RequestProblem.Bad("A key of the body is not valid Unicode.");
        }
    }

    private static void CheckKeys(JsonElement root, IReadOnlyList<string> keys)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw RequestProblem.Bad($"The body is {Kind(root)}, expected an object with {string.Join(", ", keys)}.");
        foreach (var property in root.EnumerateObject())
        {
            string name;
            try
            {
                name = property.Name;
            }
            catch (InvalidOperationException)
            {
                throw RequestProblem.Bad("A key of the body is not valid Unicode.");
            }

            if (!keys.Contains(name))
                throw RequestProblem.Bad($"The body has the unknown key '{Shortened(name)}', expected {string.Join(", ", keys)}.");
        }
    }
}
