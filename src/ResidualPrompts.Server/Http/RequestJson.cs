using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

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
    internal static async Task<JsonDocument> ReadAsync(HttpRequest request, int limit, IReadOnlyList<string> keys, RequestTime time)
    {
        CheckType(request);
        if (request.ContentLength > limit)
            throw RequestProblem.TooLarge(limit);
        LetThrough(request, Math.Max(LeastServerLimit, 2L * limit));
        var document = Parse(await BytesAsync(request, limit, time));
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

    /// <summary>
    /// A form's type is refused, although <c>curl -d</c> sends it: a browser would send it for any page without asking. Types that JSON is also sent
    /// under are accepted; JSON is always UTF-8 (RFC 8259).
    /// </summary>
    private static void CheckType(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0 && !request.Headers.ContentEncoding.All(coding =>
            string.Equals(coding, "identity", StringComparison.OrdinalIgnoreCase)))
            throw RequestProblem.WrongEncoding(request.Headers.ContentEncoding.ToString());
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !(type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)
                || (type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
                    && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
            || !IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset)))
            throw RequestProblem.WrongType(request.ContentType);
    }

    private static bool IsUtf8(StringSegment charset) => !charset.HasValue || charset.Length == 0
        || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    private static async Task<byte[]> BytesAsync(HttpRequest request, int limit, RequestTime time)
    {
        using var body = new MemoryStream();
        // Canceling a read by its token would leave the web server's reader in the middle of it.
        using var registration = time.Token.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), request.BodyReader);
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(CancellationToken.None);
                if (body.Length + read.Buffer.Length > limit)
                    throw RequestProblem.TooLarge(limit);
                foreach (var part in read.Buffer)
                    body.Write(part.Span);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCanceled)
                    throw time.IsOver ? RequestProblem.SlowBody(time.Seconds) : new OperationCanceledException(request.HttpContext.RequestAborted);
                if (read.IsCompleted)
                    return body.ToArray();
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException))
        {
            // Where the body ends is unknown, or it is too long to read on. What follows must not be taken for a request.
            request.HttpContext.Response.Headers.Connection = "close";
            if (e is RequestProblem)
                throw;
            request.HttpContext.RequestAborted.ThrowIfCancellationRequested();
            // Kestrel reports a chunk size beyond its bounds as a failure of its own.
            throw RequestProblem.Bad("The chunks of the body are not valid: a size is not a number, or is far too large.");
        }
    }

    private static JsonDocument Parse(byte[] bytes)
    {
        ReadOnlyMemory<byte> body = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
        if (bytes is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] or [0, _, ..] or [_, 0, ..])
            throw RequestProblem.Bad("The body is in UTF-16 or UTF-32, expected JSON in UTF-8.");
        if (!Utf8.IsValid(body.Span))
            throw RequestProblem.Bad(
                $"The body is not UTF-8: byte 0x{bytes[FirstInvalid(bytes)]:X2} at place {FirstInvalid(bytes)}; send JSON in UTF-8.");
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException e)
        {
            throw RequestProblem.Bad(body.IsEmpty ? "The body is empty, expected a JSON object." : $"The body is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser decodes all keys to detect duplicates; one of them is not valid Unicode.
            throw RequestProblem.Bad("A key of the body is not valid Unicode.");
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var place = 0;
        while (Rune.DecodeFromUtf8(bytes[place..], out _, out var count) == OperationStatus.Done)
            place += count;
        return place;
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
