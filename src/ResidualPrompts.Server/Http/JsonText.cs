using System.Text.Encodings.Web;
using System.Text.Json;

namespace ResidualPrompts.Server.Http;

/// <summary>JSON options of answers: snake_case, texts without escapes.</summary>
internal static class JsonText
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // an answer is application/json and never embedded in HTML
    };
}
