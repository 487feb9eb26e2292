using System.Text.Json;

namespace ResidualPrompts.Tokenization;

/// <summary>The only setting of a <c>tokenizer_config.json</c> that changes T5's ids.</summary>
/// <param name="ExtraIdCount">Number of <c>&lt;extra_id_k&gt;</c> after the pieces.</param>
internal sealed record TokenizerConfig(int ExtraIdCount)
{
    public const string FileName = "tokenizer_config.json";

    /// <summary>The default of transformers.</summary>
    public const int DefaultExtraIdCount = 100;

    private const string ExtraIdsKey = "extra_ids";
    private const int MaxExtraIds = 10_000;
    private const long LongestFile = 16 << 20;

    /// <summary>Reads the file of a folder; returns the defaults when there is none.</summary>
    /// <exception cref="TokenizerException">The file exists and is broken.</exception>
    public static TokenizerConfig Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? Parse(path, TokenizerFile.Read(path, LongestFile)) : new TokenizerConfig(DefaultExtraIdCount);
    }

    private static TokenizerConfig Parse(string path, byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw TokenizerException.BrokenConfig(path, $"expected a JSON object, found {root.ValueKind}.");
            if (!root.TryGetProperty(ExtraIdsKey, out var value))
                return new TokenizerConfig(DefaultExtraIdCount);
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var count) || count is < 0 or > MaxExtraIds)
            {
                throw TokenizerException.BrokenConfig(
                    path, $"'{ExtraIdsKey}' must be a whole number from 0 to {MaxExtraIds}, found {Shortened(value)}.");
            }


            return new TokenizerConfig(count);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped name that is half a surrogate pair fails only when names are compared
            throw TokenizerException.BrokenConfig(path, $"it is not JSON: {JsonProblem.Of(e)}", e);
        }
    }

    private static string Shortened(JsonElement value)
    {
        const int Longest = 40;
        var text = value.GetRawText();
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
