using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// T5's tokenizer: a SentencePiece Unigram model (<c>spiece.model</c>) behind T5's special tokens. Ids and decoded texts equal those of the
/// software that residual prompt tuning was published with: transformers 4.20.0 (the slow <c>T5Tokenizer</c>) over SentencePiece 0.1.96.
/// </summary>
/// <remarks>
/// <para>The ids are those of the model's pieces, then the extra ids, with <c>&lt;extra_id_0&gt;</c> last, then the tokens that the model's owner
/// added (<c>added_tokens_decoder</c>, <c>added_tokens.json</c>), which are found in texts like T5's own. T5-base has 32,000 pieces, 100 extra
/// ids and 32,128 embedding rows, so a model can emit ids that no token has. They decode as <c>&lt;extra_id_-1&gt;</c>,
/// <c>&lt;extra_id_-2&gt;</c>, … as in transformers 4.20 (4.57 raises an error, its fast tokenizer drops them), because an invalid answer must
/// stay visible.</para>
/// <para>A tokenizer does not change after loading; any number of threads may use it at once.</para>
/// </remarks>
/// <example>
/// <code>
/// var tokenizer = T5Tokenizer.Load("models/t5-base");
/// int[] ids = tokenizer.Encode("sst2 sentence: a charming journey");
/// string text = tokenizer.Decode(ids, skipSpecialTokens: true);
/// </code>
/// </example>
public sealed class T5Tokenizer
{
    /// <summary>Name of the model's file in a checkpoint folder.</summary>
    public const string ModelFileName = "spiece.model";

    /// <summary>
    /// The file of Hugging Face's fast tokenizers, which holds the same model; it is read if <see cref="ModelFileName"/> is missing.
    /// </summary>
    public const string FastFileName = "tokenizer.json";

    /// <summary>
    /// Optional settings beside <see cref="ModelFileName"/>; those that change ids are read: <c>extra_ids</c>, <c>legacy</c>,
    /// <c>add_prefix_space</c>, <c>added_tokens_decoder</c> and the special tokens.
    /// </summary>
    public const string ConfigFileName = TokenizerConfig.FileName;

    /// <summary>The id of <c>&lt;pad&gt;</c>, with which T5 also starts decoding.</summary>
    public const int PadId = 0;

    /// <summary>The id of <c>&lt;/s&gt;</c>, the end of a text.</summary>
    public const int EosId = 1;

    /// <summary>The id of <c>&lt;unk&gt;</c>, which replaces characters that the vocabulary cannot write.</summary>
    public const int UnknownId = 2;

    /// <summary>The longest text that can be encoded at once, in UTF-16 code units.</summary>
    public const int LongestText = 1 << 24;

    private const char Space = '\u2581';
    private const string SpaceText = "\u2581";

    private readonly IReadOnlyList<SentencePiece> _pieces;
    private readonly SpecialTokens _specialTokens;
    private readonly TextNormalizer _normalizer;
    private readonly UnigramEncoder _encoder;
    private readonly T5Decoder _decoder;
    private readonly SpaceRule _spaces;
    private readonly bool _addsPrefixSpace;
    private readonly int _unknownLength;

    private T5Tokenizer(TokenizerFiles files)
    {
        _pieces = files.Model.Pieces;
        _specialTokens = files.SpecialTokens;
        (_spaces, _addsPrefixSpace) = (files.Spaces, files.AddsPrefixSpace);
        _normalizer = new TextNormalizer(
            files.Model.CharsMap,
            _pieces.Any(piece => piece.Kind == PieceKind.UserDefined)
                ? PieceTrieBuilder.Build(_pieces, kind => kind == PieceKind.UserDefined) : null);
        _encoder = new UnigramEncoder(_pieces);
        _decoder = new T5Decoder(_pieces, _specialTokens);
        Digest = files.Digest;
        _unknownLength = LengthOfUnknown();
    }

    /// <summary>Number of pieces in the model, without the extra ids: 32,000 for T5.</summary>
    public int PieceCount => _pieces.Count;

    /// <summary>
    /// One more than the largest id of a piece, an extra id or an added token: 32,100 for T5. Its embedding has more rows, see the remarks.
    /// </summary>
    public int VocabularySize => _specialTokens.VocabularySize;

    /// <summary>
    /// SHA-256 in lower-case hex of what identifies the tokenizer: the file of <see cref="FileIn"/> and, where there are any, the added tokens and
    /// other rules for spaces than T5's (docs/formats.md).
    /// </summary>
    internal string Digest { get; }

    /// <summary>
    /// The tokenizer file of a folder: <see cref="ModelFileName"/>, else <see cref="FastFileName"/>; null when the folder has neither.
    /// </summary>
    /// <param name="folder">A checkpoint folder, which need not exist.</param>
    public static string? FileIn(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new[] { ModelFileName, FastFileName }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether a folder has a tokenizer.</summary>
    /// <param name="folder">A checkpoint folder, which need not exist.</param>
    public static bool ExistsIn(string folder) => FileIn(folder) is not null;

    /// <summary>Loads the tokenizer of a checkpoint folder.</summary>
    /// <param name="folder">
    /// A folder with <see cref="ModelFileName"/> and, optionally, <see cref="ConfigFileName"/>, whose <c>extra_ids</c> is the number of extra ids
    /// (100 without it); or with <see cref="FastFileName"/>, which contains that number. Added tokens are read from these files, from
    /// <c>added_tokens.json</c> and from <c>special_tokens_map.json</c>.
    /// </param>
    /// <exception cref="TokenizerException">The model is missing, damaged or of a kind that T5 does not use, or the settings are broken.</exception>
    public static T5Tokenizer Load(string folder) => new(TokenizerFiles.Read(folder));

    /// <summary>Creates a tokenizer from a model's bytes.</summary>
    internal static T5Tokenizer Parse(byte[] model, int extraIdCount = TokenizerConfig.DefaultExtraIdCount) =>
        new(TokenizerFiles.Of(model, extraIdCount));

    /// <summary>The files of a folder that decide ids and exist.</summary>
    internal static IReadOnlyList<string> FilesIn(string folder) => TokenizerFiles.In(folder);

    /// <summary>
    /// Encodes a text as ids, followed by <see cref="EosId"/> (unless the text itself ends with <c>&lt;/s&gt;</c>). Special tokens written in the
    /// text are recognized.
    /// </summary>
    /// <param name="text">Any text; a surrogate without its partner counts as U+FFFD.</param>
    /// <param name="maxLength">Maximum number of ids, including the final <see cref="EosId"/>; the text is truncated on the right. At least
    /// 1.</param>
    /// <returns>At least one id; every id is in [0, <see cref="VocabularySize"/>).</returns>
    /// <exception cref="TokenizerException">The text is longer than <see cref="LongestText"/>.</exception>
    public int[] Encode(string text, int? maxLength = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var most = maxLength ?? int.MaxValue;
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(maxLength));
        if (text.Length > LongestText)
            throw TokenizerException.TextTooLong(text.Length, LongestText, "UTF-16 code units");

        var buffers = new EncodingBuffers(text.Length);
        try
        {
            EncodeText(_spaces == SpaceRule.WholeText ? Prefixed(text) : text, most, ref buffers);
            return Finish(most, ref buffers.Ids);
        }
        finally
        {
            buffers.Dispose();
        }
    }

    /// <summary>Decodes ids to text.</summary>
    /// <param name="ids">Ids of at least 0.</param>
    /// <param name="skipSpecialTokens">Whether to omit <c>&lt;pad&gt;</c>, <c>&lt;/s&gt;</c>, <c>&lt;unk&gt;</c> and the extra ids.</param>
    /// <param name="cleanUpSpaces">
    /// Whether to remove the space before <c>. ? ! ,</c>, around <c>'</c>, and before <c>n't 'm 's 've 're</c>.
    /// </param>
    /// <exception cref="TokenizerException">An id is negative.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false, bool cleanUpSpaces = true) =>
        _decoder.Decode(ids, skipSpecialTokens, cleanUpSpaces);

    /// <summary>The token of an id as the vocabulary writes it (a space is U+2581), for example <c>▁the</c> or <c>&lt;extra_id_0&gt;</c>.</summary>
    /// <param name="id">An id of at least 0; an id after the vocabulary is named as in <see cref="Decode"/>.</param>
    /// <exception cref="TokenizerException">The id is negative.</exception>
    public string PieceOf(int id) => _decoder.PieceOf(id);

    /// <summary>
    /// Whether an id is a piece that texts are cut into, not a special token, an extra id, an unused piece, or an id outside the vocabulary.
    /// Prompts are initialized from the rows of these pieces.
    /// </summary>
    /// <param name="id">Any number.</param>
    public bool IsOrdinaryPiece(int id) => id >= 0 && id < _pieces.Count && _pieces[id].Kind == PieceKind.Normal;

    /// <summary>The first added token, as messages show it, whose id is at least this one; null when there is none.</summary>
    internal (string Token, int Id)? AddedTokenFrom(int id) => _specialTokens.AddedFrom(id) is { } token
        ? (AddedToken.Shown(token.Content), token.Id!.Value) : null;

    /// <summary>Special tokens are cut out of the raw text; every text between them is a separate sentence.</summary>
    private void EncodeText(ReadOnlySpan<char> text, int enough, ref EncodingBuffers buffers)
    {
        var rest = text;
        var isFirst = true;
        SpecialTokens.Match? previous = null;
        while (_specialTokens.TryFind(rest, out var special))
        {
            var isAdjacent = special.Start == 0 && previous is not null;
            var sentence = previous is { StripsRight: true } ? PythonWhiteSpace.TrimStart(rest[..special.Start]) : rest[..special.Start];
            EncodeSentence(special.StripsLeft ? PythonWhiteSpace.TrimEnd(sentence) : sentence, isFirst, enough, ref buffers);
            rest = rest[special.End..];
            isFirst = false;
            if (isAdjacent && previous is { StripsRight: true } last && EatsTokens(last) && _specialTokens.IsWhiteSpace(special.Id))
            {
                previous = null; // a token of white space is white space for its neighbor
                continue;
            }

            if (isAdjacent && special.StripsLeft && EatsTokens(special) && _specialTokens.IsWhiteSpace(previous!.Value.Id))
                buffers.Ids.Truncate(buffers.Ids.Count - 1);
            buffers.Ids.Add(special.Id);
            if (buffers.Ids.Count >= enough)
                return;
            previous = special;
        }

        EncodeSentence(previous is { StripsRight: true } ? PythonWhiteSpace.TrimStart(rest) : rest, isFirst, enough, ref buffers);
    }

    private string Prefixed(string text) =>
        text.Length == 0 ? text : (_addsPrefixSpace ? SpaceText : "") + text.Replace(Space, ' ');

    private bool EatsTokens(SpecialTokens.Match special) => special.Id > UnknownId || _spaces != SpaceRule.EverySentence;

    private void EncodeSentence(ReadOnlySpan<char> sentence, bool isFirst, int enough, ref EncodingBuffers buffers)
    {
        if (sentence.IsEmpty)
            return;
        var start = _spaces switch
        {
            SpaceRule.EverySentence => SentenceStart.Space,
            SpaceRule.WholeTextFast => isFirst ? SentenceStart.Space : SentenceStart.AsWritten,
            _ => SentenceStart.NoSpace,
        };
        if (_spaces == SpaceRule.WholeText && sentence[0] is (' ' or Space))
            EncodeAfterUnknown(sentence, enough, ref buffers);
        else
            EncodePieces(sentence, start, enough, ref buffers);
    }

    private void EncodePieces(ReadOnlySpan<char> sentence, SentenceStart start, int enough, ref EncodingBuffers buffers)
    {
        _normalizer.Normalize(sentence, start, ref buffers.Utf8, ref buffers.Normalized);
        if (buffers.Normalized.Count > 0)
            _encoder.Encode(buffers.Normalized.Written, ref buffers.Window, ref buffers.Ids, enough);
    }

    /// <summary>
    /// Without a dummy prefix SentencePiece drops the space at the start of a sentence. transformers keeps it by a text before it, whose pieces it
    /// drops afterwards; rounding, which can decide between equal cuts, depends on them.
    /// </summary>
    private void EncodeAfterUnknown(ReadOnlySpan<char> sentence, int enough, ref EncodingBuffers buffers)
    {
        var first = buffers.Ids.Count;
        var most = (int)Math.Min((long)enough + _unknownLength, int.MaxValue);
        EncodePieces(string.Concat(SpecialTokens.Unknown, sentence), SentenceStart.NoSpace, most, ref buffers);
        if (buffers.Ids.Count - first >= _unknownLength)
            buffers.Ids.Remove(first, _unknownLength);
    }

    private int LengthOfUnknown()
    {
        if (_spaces != SpaceRule.WholeText)
            return 0;
        var buffers = new EncodingBuffers(SpecialTokens.Unknown.Length);
        try
        {
            EncodePieces(SpecialTokens.Unknown, SentenceStart.NoSpace, int.MaxValue, ref buffers);
            return buffers.Ids.Count;
        }
        finally
        {
            buffers.Dispose();
        }
    }

    private static int[] Finish(int most, ref PooledList<int> ids)
    {
        if (ids.Count >= most)
            ids.Truncate(most - 1);
        if (ids.Count == 0 || ids.Written[^1] != EosId)
            ids.Add(EosId);
        return ids.Written.ToArray();
    }

    /// <summary>The buffers of one call of <see cref="Encode"/>, rented for its duration.</summary>
    private ref struct EncodingBuffers(int textLength)
    {
        public PooledList<byte> Utf8 = new(textLength);
        public PooledList<byte> Normalized = new(textLength);
        public PooledList<UnigramEncoder.End> Window = new(0);
        public PooledList<int> Ids = new(textLength / 4);

        public void Dispose()
        {
            Utf8.Dispose();
            Normalized.Dispose();
            Window.Dispose();
            Ids.Dispose();
        }
    }
}
