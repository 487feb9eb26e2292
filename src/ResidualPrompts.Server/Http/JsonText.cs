using System.Text.Encodings.Web;
using System.Text.Json;

namespace ResidualPrompts.Server.Http;

/// <summary>How answers are written: snake_case, texts as they are.</summary>
internal static class JsonText
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // an answer is application/json and never part of a page
    };
}
