using System.Globalization;
using System.Text;
using System.Text.Json;
using ResidualPrompts.Files;
using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// Reads the <c>tokenizer.json</c> of Hugging Face's fast tokenizers (https://github.com/huggingface/tokenizers) as the SentencePiece model it
/// was made from: pieces with scores, the normalization map and the extra ids. Files for which T5's rules would not hold are refused. The file
/// does not say which pieces are unused; T5 has none.
/// </summary>
internal sealed class FastTokenizerReader
{
    private const string Space = "\u2581";
    private const string First = "first";
    private static readonly string[] Normalizers = ["Precompiled", "Strip", "Replace"]; // SentencePiece handles white space here
    private static readonly string[] PreTokenizers = ["Metaspace", "WhitespaceSplit"];

    private readonly string _path;

    private FastTokenizerReader(string path) => _path = path;

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">Name of the file, for messages.</param>
    /// <param name="file">Its bytes.</param>
    /// <exception cref="TokenizerException">The bytes are not a tokenizer that T5 can use.</exception>
    public static FastTokenizer Read(string path, byte[] file)
    {
        try
        {
            using var document = JsonFile.Document(file);
            return new FastTokenizerReader(path).Read(document.RootElement);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            // a value of another kind, half a surrogate pair, text that is not base64, a missing key or item
            throw TokenizerException.DamagedModel(path, $"it is not a tokenizer in JSON: {JsonProblem.Of(e).TrimEnd('.')}.", e);
        }
    }

    private FastTokenizer Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        if (Text(model, "type") is var type and not (null or "Unigram"))
            throw Unsupported($"its model is {type}, expected Unigram.");
        var hasByteFallback = model.TryGetProperty("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True;
        var spaces = Spaces(root);
        var pieces = Pieces(model.GetProperty("vocab"), hasByteFallback);
        var added = new AddedTokenReader(_path).Listed(root.GetProperty("added_tokens")).OrderBy(token => token.Id).ToList();
        var extraIdCount = ExtraIds(added, pieces.Count);
        VocabularyCheck.Run(_path, pieces, hasByteFallback);
        var normalizer = new SentencePieceModel(pieces, CharsMapReader.Read(_path, CharsMap(root.GetProperty("normalizer"))));
        CheckNormalized(added, new TextNormalizer(normalizer.CharsMap));
        return new FastTokenizer(normalizer, extraIdCount, spaces, added);
    }

    private List<SentencePiece> Pieces(JsonElement vocabulary, bool hasByteFallback)
    {
        var pieces = new List<SentencePiece>(vocabulary.GetArrayLength());
        foreach (var entry in vocabulary.EnumerateArray())
        {
            var (text, id) = (entry[0].GetString() ?? "", pieces.Count);
            pieces.Add(SentencePieceReader.Piece(_path, id, Encoding.UTF8.GetBytes(text), (float)entry[1].GetDouble(), id switch
            {
                T5Tokenizer.PadId or T5Tokenizer.EosId => PieceKind.Control,
                T5Tokenizer.UnknownId => PieceKind.Unknown,
                _ when hasByteFallback && BytePieces.ByteOf(text) is not null => PieceKind.Byte,
                _ => PieceKind.Normal,
            }));
        }

        while (pieces.Count > 0 && SpecialTokens.LooksLikeExtraId(pieces[^1].Text)) // newer files repeat them here
            pieces.RemoveAt(pieces.Count - 1);
        return pieces;
    }

    /// <summary>Counts the extra ids, which count down to 0 after the pieces.</summary>
    private int ExtraIds(List<AddedToken> added, int pieceCount)
    {
        var extra = added.FindAll(token => token.Id >= pieceCount && SpecialTokens.LooksLikeExtraId(token.Content));
        var names = new SpecialTokens(pieceCount, extra.Count);
        foreach (var (token, place) in extra.Select((token, index) => (token, pieceCount + index)))
        {
            if (token.Id != place || token.Content != names.NameOf(place))
                throw Unsupported(string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{AddedToken.Shown(token.Content)}' is an added token with the id {token.Id}, "
                    + $"expected '{names.NameOf(place)}' with the id {place}."));
        }

        return extra.Count;
    }

    /// <summary>Refuses tokens that a fast tokenizer finds in the normalized text and that the normalization changes.</summary>
    private static void CheckNormalized(List<AddedToken> added, TextNormalizer normalizer)
    {
        foreach (var token in added.Where(token => token.IsNormalized && !normalizer.Keeps(token.Content)))
            throw TokenizerException.UnsupportedToken(
                token.File, $"'{AddedToken.Shown(token.Content)}' has \"normalized\": true, and the normalizer changes it, "
                + "so that texts never hold it; "
                + "expected false.");
    }

    private SpaceRule Spaces(JsonElement root)
    {
        var steps = Steps(root.GetProperty("pre_tokenizer"), "pretokenizers");
        if (steps.Count == 0)
            throw Unsupported("it has no pre_tokenizer, expected Metaspace.");
        foreach (var step in steps)
        {
            var isFirstUnmarked = Text(step, "prepend_scheme") is not (null or "always" or First)
                || (step.TryGetProperty("add_prefix_space", out var prefix) && prefix.ValueKind == JsonValueKind.False);
            var losesSpaces = Text(step, "prepend_scheme") == First && steps.Count > 1;
            if (!PreTokenizers.Contains(Text(step, "type")) || (Text(step, "replacement") ?? Space) != Space || isFirstUnmarked || losesSpaces)
                throw Unsupported(
                    $"its pre_tokenizer is {Shortened(step)}, expected Metaspace that writes '{Space}' for every space and before the first word.");
        }

        return steps.Exists(step => Text(step, "prepend_scheme") == First) ? SpaceRule.WholeTextFast : SpaceRule.EverySentence;
    }

    private byte[] CharsMap(JsonElement normalizer)
    {
        var steps = Steps(normalizer, "normalizers");
        if (steps.Find(step => !Normalizers.Contains(Text(step, "type"))) is { ValueKind: JsonValueKind.Object } other)
            throw Unsupported($"its normalizer is {Shortened(other)}, expected {string.Join(", ", Normalizers)}.");
        var maps = steps.FindAll(step => Text(step, "type") == Normalizers[0]);
        return maps.Count switch
        {
            0 => [],
            1 => Convert.FromBase64String(maps[0].GetProperty("precompiled_charsmap").GetString() ?? ""),
            _ => throw Unsupported($"it has {maps.Count} maps of characters, expected one."),
        };
    }

    /// <summary>Returns a step, or the steps of a sequence.</summary>
    private static List<JsonElement> Steps(JsonElement step, string sequenceKey) => step.ValueKind == JsonValueKind.Null ? []
        : Text(step, "type") == "Sequence" ? [.. step.GetProperty(sequenceKey).EnumerateArray()]
        : [step];

    private static string? Text(JsonElement item, string key) => item.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString() : null;

    private static string Shortened(JsonElement value)
    {
        const int Longest = 80;
        var text = value.GetRawText();
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }

    private TokenizerException Unsupported(string problem) => TokenizerException.UnsupportedModel(_path, problem);
}

/// <summary>The parts of a <c>tokenizer.json</c> that T5 needs.</summary>
/// <param name="Model">Pieces and normalization.</param>
/// <param name="ExtraIdCount">Number of extra ids after the pieces.</param>
/// <param name="Spaces">Where spaces are added.</param>
/// <param name="AddedTokens">All added tokens, T5's own included.</param>
internal sealed record FastTokenizer(SentencePieceModel Model, int ExtraIdCount, SpaceRule Spaces, IReadOnlyList<AddedToken> AddedTokens);
