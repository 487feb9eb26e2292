using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ResidualPrompts.Files;

/// <summary>How the library writes and reads JSON. Relaxed = characters are escaped only where JSON requires it.</summary>
internal static class JsonFormats
{
    /// <summary>One line of relaxed text.</summary>
    internal static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Indented, with all non-ASCII characters escaped, as transformers and PEFT write their configs.</summary>
    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Indented and relaxed.</summary>
    internal static readonly JsonSerializerOptions IndentedRelaxed = new(Indented) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Properties and enumerations in snake_case.</summary>
    internal static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The same for reading: null where the type allows none is an error.</summary>
    internal static readonly JsonSerializerOptions Complete = new(SnakeCase) { RespectNullableAnnotations = true };

    /// <summary>The same, and every value must be there.</summary>
    internal static readonly JsonSerializerOptions Required = new(Complete) { RespectRequiredConstructorParameters = true };

    /// <summary>Properties and enumerations in snake_case, indented; duplicate keys are errors.</summary>
    internal static readonly JsonSerializerOptions IndentedSnakeCase = new(SnakeCase)
    {
        WriteIndented = true,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    };

    /// <summary>Duplicate keys are errors.</summary>
    internal static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Strict, with comments.</summary>
    internal static readonly JsonDocumentOptions Commented = new() { AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Strict, with comments and trailing commas.</summary>
    internal static readonly JsonDocumentOptions HandWritten = new()
    {
        AllowDuplicateProperties = false,
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };
}
