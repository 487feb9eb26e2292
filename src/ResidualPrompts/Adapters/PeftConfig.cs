using System.Text.Json;

namespace ResidualPrompts.Adapters;

/// <summary>What matters here of a PEFT <c>adapter_config.json</c>; keys that PEFT may add later are passed over.</summary>
/// <param name="VirtualTokenCount">Rows of the prompt that are used (<c>num_virtual_tokens</c>); the file may hold a multiple.</param>
/// <param name="TokenWidth">Width of a row (<c>token_dim</c>), or null when the file does not say.</param>
public sealed record PeftConfig(int VirtualTokenCount, int? TokenWidth)
{
    /// <summary>Name of the file in an adapter directory.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>Reads the config of a prompt-tuning or P-tuning adapter for sequence-to-sequence models.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="AdapterException">It is missing, broken, or of another kind of adapter.</exception>
    public static PeftConfig Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // InvalidOperationException: a text that is no Unicode (invalid UTF-8, half a surrogate pair), found only when it is read.
            throw AdapterException.Config(path, $"cannot be read as JSON: {e.Message}", e);
        }
    }

    private static PeftConfig Read(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw AdapterException.Config(path, "expected a JSON object");
        var type = Text(json, "peft_type");
        if (type is not ("PROMPT_TUNING" or "P_TUNING"))
            throw AdapterException.Config(path, $"peft_type is {type ?? "missing"}, expected PROMPT_TUNING or P_TUNING");
        var task = Text(json, "task_type");
        if (task is not (null or "SEQ_2_SEQ_LM"))
            throw AdapterException.Config(path, $"task_type is {task}, expected SEQ_2_SEQ_LM: the adapter was made for another kind of model");
        var count = Count(json, "num_virtual_tokens", path) ?? throw AdapterException.Config(path, "num_virtual_tokens is missing");
        return new PeftConfig(count, Count(json, "token_dim", path));
    }

    private static string? Text(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

    private static int? Count(JsonElement json, string key, string path)
    {
        if (!json.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 1
            ? count
            : throw AdapterException.Config(path, $"{key} is {value.GetRawText()}, expected a whole number of at least 1");
    }
}
