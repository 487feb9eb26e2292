using System.Globalization;
using System.Text;
using System.Text.Json;
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
    private static readonly string[] Normalizers = ["Precompiled", "Strip", "Replace"]; // SentencePiece handles white space here
    private static readonly string[] PreTokenizers = ["Metaspace", "WhitespaceSplit"];

    private readonly string _path;

    private FastTokenizerReader(string path) => _path = path;

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">Name of the file, for messages.</param>
    /// <param name="file">Its bytes.</param>
    /// <returns>The model, and the number of extra ids after its pieces.</returns>
    /// <exception cref="TokenizerException">The bytes are not a tokenizer that T5 can use.</exception>
    public static (SentencePieceModel Model, int ExtraIdCount) Read(string path, byte[] file)
    {
        try
        {
            using var document = JsonDocument.Parse(file);
            return new FastTokenizerReader(path).Read(document.RootElement);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            // a value of another kind, half a surrogate pair, text that is not base64, a missing key or item
            throw TokenizerException.DamagedModel(path, $"it is not a tokenizer in JSON: {JsonProblem.Of(e).TrimEnd('.')}.", e);
        }
    }

    private (SentencePieceModel Model, int ExtraIdCount) Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        if (Text(model, "type") is var type and not (null or "Unigram"))
            throw Unsupported($"its model is {type}, expected Unigram.");
        if (model.TryGetProperty("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True)
            throw Unsupported("byte_fallback is true, expected false.");
        CheckPreTokenizer(root);
        var pieces = Pieces(model.GetProperty("vocab"));
        var extraIdCount = ExtraIds(root.GetProperty("added_tokens"), pieces);
        VocabularyCheck.Run(_path, pieces);
        return (new SentencePieceModel(pieces, CharsMapReader.Read(_path, CharsMap(root.GetProperty("normalizer")))), extraIdCount);
    }

    private List<SentencePiece> Pieces(JsonElement vocabulary)
    {
        var pieces = new List<SentencePiece>(vocabulary.GetArrayLength());
        foreach (var entry in vocabulary.EnumerateArray())
        {
            var (text, id) = (entry[0].GetString() ?? "", pieces.Count);
            pieces.Add(SentencePieceReader.Piece(_path, id, Encoding.UTF8.GetBytes(text), (float)entry[1].GetDouble(), id switch
            {
                T5Tokenizer.PadId or T5Tokenizer.EosId => PieceKind.Control,
                T5Tokenizer.UnknownId => PieceKind.Unknown,
                _ => PieceKind.Normal,
            }));
        }

        while (pieces.Count > 0 && SpecialTokens.LooksLikeExtraId(pieces[^1].Text)) // newer files repeat them here
            pieces.RemoveAt(pieces.Count - 1);
        return pieces;
    }

    /// <summary>Checks that the added tokens are T5's: the special pieces, and extra ids that count down to 0 after the pieces.</summary>
    private int ExtraIds(JsonElement addedTokens, List<SentencePiece> pieces)
    {
        var added = addedTokens.EnumerateArray().Select(token =>
            (Id: token.GetProperty("id").GetInt32(), Content: token.GetProperty("content").GetString()!)).OrderBy(token => token.Id).ToList();
        var extra = added.Where(token => SpecialTokens.LooksLikeExtraId(token.Content)).ToList();
        foreach (var (id, content) in added.Except(extra))
        {
            if (id is < 0 or > T5Tokenizer.UnknownId || id >= pieces.Count || content != pieces[id].Text)
                throw Unsupported(
                    $"'{content}' is an added token with the id {id}; "
                    + $"only {SpecialTokens.Pad}, {SpecialTokens.Eos}, {SpecialTokens.Unknown} and extra ids are supported.");
        }

        var names = new SpecialTokens(pieces.Count, extra.Count);
        foreach (var ((id, content), place) in extra.Select((token, index) => (token, pieces.Count + index)))
        {
            if (id != place || content != names.NameOfExtraId(id))
                throw Unsupported(
                    $"'{content}' is an added token with the id {id}, "
                    + $"expected '{names.NameOfExtraId(place)}' with the id {place.ToString(CultureInfo.InvariantCulture)}.");
        }

        return extra.Count;
    }

    private void CheckPreTokenizer(JsonElement root)
    {
        var steps = Steps(root.GetProperty("pre_tokenizer"), "pretokenizers");
        if (steps.Count == 0)
            throw Unsupported("it has no pre_tokenizer, expected Metaspace.");
        foreach (var step in steps)
        {
            var isFirstUnmarked = Text(step, "prepend_scheme") == "never"
                || (step.TryGetProperty("add_prefix_space", out var prefix) && prefix.ValueKind == JsonValueKind.False);
            if (!PreTokenizers.Contains(Text(step, "type")) || (Text(step, "replacement") ?? Space) != Space || isFirstUnmarked)
                throw Unsupported(
                    $"its pre_tokenizer is {Shortened(step)}, expected Metaspace that writes '{Space}' for every space and before the first word.");
        }
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
