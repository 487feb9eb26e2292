using System.Text.Json;

namespace ResidualPrompts.Tokenization;

/// <summary>The settings of a <c>tokenizer_config.json</c> that change T5's ids.</summary>
internal sealed record TokenizerConfig
{
    public const string FileName = "tokenizer_config.json";

    /// <summary>The default of transformers.</summary>
    public const int DefaultExtraIdCount = 100;

    private const string SentinelPiece = "\u2581<extra_id_0>";
    private const int MaxExtraIds = 10_000;

    /// <summary>Keys of single special tokens, in the order in which transformers numbers those that are new.</summary>
    private static readonly string[] SingleTokens = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] FurtherTokens = ["additional_special_tokens", "extra_special_tokens"];

    /// <summary>Number of <c>&lt;extra_id_k&gt;</c> after the pieces (<c>extra_ids</c>); null without that key.</summary>
    public int? GivenExtraIdCount { get; private init; }

    /// <summary>Whether every text between special tokens starts with a space of its own (<c>legacy</c>); otherwise only the whole text
    /// does.</summary>
    public bool IsLegacy { get; private init; } = true;

    /// <summary>Whether the whole text starts with a space of its own where <see cref="IsLegacy"/> is false (<c>add_prefix_space</c>).</summary>
    public bool AddsPrefixSpace { get; private init; } = true;

    /// <summary>Tokens with ids (<c>added_tokens_decoder</c>); null without that key.</summary>
    public IReadOnlyList<AddedToken>? Numbered { get; private init; }

    /// <summary>Special tokens without ids.</summary>
    public IReadOnlyList<AddedToken> Special { get; private init; } = [];

    /// <summary>Reads the file of a folder; returns the defaults when there is none.</summary>
    /// <exception cref="TokenizerException">The file exists and is broken.</exception>
    public static TokenizerConfig Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? TokenizerFile.ReadJson(path, root => Read(path, root)) : new TokenizerConfig();
    }

    /// <summary>The special tokens of a config, or of a <c>special_tokens_map.json</c>.</summary>
    public static IReadOnlyList<AddedToken> SpecialIn(string path, JsonElement root)
    {
        var reader = new AddedTokenReader(path);
        var tokens = new List<AddedToken>();
        foreach (var key in SingleTokens)
        {
            if (Find(root, key) is not { } value)
                continue;
            var token = reader.Special(value, key);
            var expected = key switch
            {
                "eos_token" => SpecialTokens.Eos,
                "unk_token" => SpecialTokens.Unknown,
                "pad_token" =>
                SpecialTokens.Pad,
                _ => null
            };
            if (expected is not null && token.Content != expected)
                throw TokenizerException.UnsupportedToken(path, $"'{key}' is '{AddedToken.Shown(token.Content)}', expected '{expected}'.");
            tokens.Add(token);
        }

        foreach (var key in FurtherTokens)
        {
            tokens.AddRange(Find(root, key) switch
            {
                null => [],
                { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(value => reader.Special(value, key)),
                { ValueKind: JsonValueKind.Object } named => named.EnumerateObject().Select(entry => reader.Special(entry.Value, key)),
                { } other => throw TokenizerException.BrokenConfig(path, $"'{key}' is {other.ValueKind}, expected a list."),
            });
        }

        return tokens;
    }

    private static TokenizerConfig Read(string path, JsonElement root)
    {
        var special = SpecialIn(path, root);
        var config = new TokenizerConfig
        {
            GivenExtraIdCount = ExtraIds(path, root),
            IsLegacy = Flag(path, root, "legacy", true),
            AddsPrefixSpace = Flag(path, root, "add_prefix_space", true),
            Numbered = Find(root, "added_tokens_decoder") is { } decoder ? [.. new AddedTokenReader(path).ById(decoder)] : null,
            Special = special,
        };
        if (Flag(path, root, "split_special_tokens", false))
            throw TokenizerException.UnsupportedToken(path, "'split_special_tokens' is true, expected false.");
        return config;
    }

    /// <summary>
    /// Number of extra ids after the pieces: what the file says, else 100, or none where the pieces contain sentinels themselves, as mT5's do.
    /// </summary>
    /// <param name="pieces">The pieces.</param>
    public int ExtraIdCountAfter(IReadOnlyList<SentencePiece> pieces) =>
        GivenExtraIdCount ?? (pieces.Any(piece => piece.Kind == PieceKind.UserDefined && piece.Text == SentinelPiece) ? 0 : DefaultExtraIdCount);

    /// <summary>Checks that a list of special tokens that names extra ids names all of them, as transformers does.</summary>
    /// <param name="special">The special tokens of all files.</param>
    /// <param name="count">Number of extra ids after the pieces.</param>
    public static void CheckExtraIds(IEnumerable<AddedToken> special, int count)
    {
        var named = special.Where(token => token.Content.Contains("<extra_id_", StringComparison.Ordinal)).DistinctBy(token =>
            token.Content).ToList();
        if (named.Count > 0 && named.Count != count)
        {
            throw TokenizerException.UnsupportedToken(
                named[0].File, $"'additional_special_tokens' names {named.Count} extra ids, but 'extra_ids' says {count} "
                + $"(without it there are {DefaultExtraIdCount}). Write the number that the model was trained with into '{FileName}'.");
        }
    }

    private static int? ExtraIds(string path, JsonElement root)
    {
        const string Key = "extra_ids";
        if (!root.TryGetProperty(Key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count is >= 0 and <= MaxExtraIds
            ? count
            : throw TokenizerException.BrokenConfig(path, $"'{Key}' must be a whole number from 0 to {MaxExtraIds}, found {Shortened(value)}.");
    }

    private static bool Flag(string path, JsonElement root, string key, bool fallback) => Find(root, key) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } value => throw TokenizerException.BrokenConfig(path, $"'{key}' is {Shortened(value)}, expected true or false."),
    };

    /// <summary>A key that is null counts as absent, as in transformers.</summary>
    private static JsonElement? Find(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Shortened(JsonElement value)
    {
        const int Longest = 40;
        var text = value.GetRawText();
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
