using System.Globalization;
using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// The tokens that are cut out of the raw text before anything else, written exactly so, anywhere: <c>&lt;/s&gt;</c>, <c>&lt;pad&gt;</c>,
/// <c>&lt;unk&gt;</c>, the extra ids, and the tokens that the model's owner added. Of tokens that start at one place the longest is taken.
/// <c>&lt;extra_id_0&gt;</c> has the largest id of the extra ids; the others count down to the first id after the pieces.
/// </summary>
internal sealed class SpecialTokens
{
    public const string Pad = "<pad>";
    public const string Eos = "</s>";
    public const string Unknown = "<unk>";

    private const string ExtraIdStart = "<extra_id_";

    private readonly int _pieceCount;
    private readonly int _extraIdCount;
    private readonly IReadOnlyList<AddedToken> _added;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Func<int, (bool Left, bool Right)> _strips;
    private readonly AddedTokenTrie _trie;

    /// <param name="pieceCount">Number of pieces in the model.</param>
    /// <param name="extraIdCount">Number of extra ids.</param>
    /// <param name="added">The owner's tokens, with their ids.</param>
    /// <param name="strips">Whether white space before and after a token of T5 vanishes; null = it does.</param>
    public SpecialTokens(
        int pieceCount, int extraIdCount, IReadOnlyList<AddedToken>? added = null, Func<int, (bool Left, bool Right)>? strips = null)
    {
        _pieceCount = pieceCount;
        _extraIdCount = extraIdCount;
        _added = added ?? [];
        _addedById = _added.ToDictionary(token => token.Id!.Value);
        _strips = strips ?? (_ => (true, true));
        _trie = new AddedTokenTrie([.. _added.Select(token => token.Content)]);
        VocabularySize = Math.Max(FirstFreeId, _added.Select(token => token.Id!.Value + 1).DefaultIfEmpty(0).Max());
    }

    /// <summary>Number of ids: one more than the largest id of a piece, an extra id or an added token.</summary>
    public int VocabularySize { get; }

    /// <summary>The id after the pieces and the extra ids.</summary>
    private int FirstFreeId => _pieceCount + _extraIdCount;

    /// <summary>Whether a piece of a model looks like an extra id.</summary>
    public static bool LooksLikeExtraId(string piece) => piece.StartsWith(ExtraIdStart, StringComparison.Ordinal);

    /// <summary>The name of an id after the pieces. After the extra ids the numbers turn negative, as in the original.</summary>
    public string NameOf(int id) => _addedById.TryGetValue(id, out var token) ? token.Content
        : string.Create(CultureInfo.InvariantCulture, $"{ExtraIdStart}{(long)FirstFreeId - 1 - id}>");

    /// <summary>Whether decoding treats the id as a special token of T5.</summary>
    public bool Contains(int id) =>
        id is T5Tokenizer.PadId or T5Tokenizer.EosId or T5Tokenizer.UnknownId || (id >= _pieceCount && id < FirstFreeId);

    /// <summary>The owner's token with this id, or null.</summary>
    public AddedToken? AddedOf(int id) => _addedById.GetValueOrDefault(id);

    /// <summary>The owner's token with the smallest id that is at least this one, or null.</summary>
    public AddedToken? AddedFrom(int id) => _added.Where(token => token.Id >= id).MinBy(token => token.Id);

    /// <summary>The id of a text that is one of T5's own special tokens as a whole; null for others.</summary>
    public int? IdOf(string text) => TryMatch(text, out var length, out var id) && length == text.Length ? id : null;

    /// <summary>Finds the first special token.</summary>
    /// <param name="text">The raw text.</param>
    /// <param name="found">Its position and id.</param>
    public bool TryFind(ReadOnlySpan<char> text, out Match found)
    {
        for (var from = 0; text[from..].IndexOfAny(_trie.Starts) is var step and >= 0; from += step + 1)
        {
            var start = from + step;
            var rest = text[start..];
            var isOwn = TryMatch(rest, out var length, out var id);
            if (_added.Count > 0 && _trie.Longest(rest, out var addedLength) is var index and >= 0 && addedLength > length)
            {
                var token = _added[index];
                found = new Match(start, addedLength, token.Id!.Value, token.StripsLeft, token.StripsRight);
                return true;
            }

            if (isOwn)
            {
                var (left, right) = _strips(id);
                found = new Match(start, length, id, left, right);
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>Whether an id is an added token of nothing but white space, such as a line feed.</summary>
    public bool IsWhiteSpace(int id) => _added.Count > 0 && AddedOf(id) is { } token && PythonWhiteSpace.TrimStart(token.Content).IsEmpty;

    /// <summary>The added tokens as text for a digest; empty if there are none. Whether one is special does not decide ids.</summary>
    public string DescribeAdded() => string.Concat(_added.OrderBy(token => token.Id).Select(token => string.Create(
        CultureInfo.InvariantCulture, $"{token.Id} {Flag(token.StripsLeft)}{Flag(token.StripsRight)} {token.Content.Length} {token.Content}\n")));

    /// <summary>Where white space vanishes beside T5's own tokens, as text for a digest.</summary>
    public string DescribeOwn() => string.Concat(
        Enumerable.Range(0, 3).Concat(Enumerable.Range(_pieceCount, _extraIdCount)).Select(_strips).Select(strip =>
            Flag(strip.Left) + Flag(strip.Right)));

    private static string Flag(bool value) => value ? "1" : "0";

    private bool TryMatch(ReadOnlySpan<char> text, out int length, out int id)
    {
        (length, id) = text switch
        {
            _ when text.StartsWith(Eos, StringComparison.Ordinal) => (Eos.Length, T5Tokenizer.EosId),
            _ when text.StartsWith(Pad, StringComparison.Ordinal) => (Pad.Length, T5Tokenizer.PadId),
            _ when text.StartsWith(Unknown, StringComparison.Ordinal) => (Unknown.Length, T5Tokenizer.UnknownId),
            _ when text.StartsWith(ExtraIdStart, StringComparison.Ordinal) => MatchExtraId(text),
            _ => default,
        };
        return length > 0;
    }

    private (int Length, int Id) MatchExtraId(ReadOnlySpan<char> text)
    {
        var number = 0;
        var at = ExtraIdStart.Length;
        for (; at < text.Length && char.IsAsciiDigit(text[at]) && number < _extraIdCount; at++)
        {
            // no leading zeros: <extra_id_01> is plain text
            if (number == 0 && at > ExtraIdStart.Length)
                return default;
            number = (number * 10) + (text[at] - '0');
        }

        var isExtraId = at > ExtraIdStart.Length && at < text.Length && text[at] == '>' && number < _extraIdCount;
        return isExtraId ? (at + 1, FirstFreeId - 1 - number) : default;
    }

    /// <summary>A special token in a text: its position in characters, its id, and whether white space beside it vanishes.</summary>
    internal readonly record struct Match(int Start, int Length, int Id, bool StripsLeft, bool StripsRight)
    {
        public int End => Start + Length;
    }
}
