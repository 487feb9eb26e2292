using System.Globalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// The tokens that are cut out of the raw text before anything else: <c>&lt;/s&gt;</c>, <c>&lt;pad&gt;</c>, <c>&lt;unk&gt;</c> and the extra ids,
/// written exactly so, anywhere. <c>&lt;extra_id_0&gt;</c> has the largest id; the others count down to the first id after the pieces.
/// </summary>
/// <param name="pieceCount">Number of pieces in the model.</param>
/// <param name="extraIdCount">Number of extra ids.</param>
internal sealed class SpecialTokens(int pieceCount, int extraIdCount)
{
    public const string Pad = "<pad>";
    public const string Eos = "</s>";
    public const string Unknown = "<unk>";

    private const string ExtraIdStart = "<extra_id_";

    /// <summary>Number of pieces and extra ids.</summary>
    public int VocabularySize { get; } = pieceCount + extraIdCount;

    /// <summary>Whether a piece of a model looks like an extra id.</summary>
    public static bool LooksLikeExtraId(string piece) => piece.StartsWith(ExtraIdStart, StringComparison.Ordinal);

    /// <summary>The name of an id after the pieces. After the extra ids the numbers turn negative, as in the original.</summary>
    public string NameOfExtraId(int id) =>
        string.Create(CultureInfo.InvariantCulture, $"{ExtraIdStart}{(long)VocabularySize - 1 - id}>");

    /// <summary>Whether decoding treats the id as a special token.</summary>
    public bool Contains(int id) =>
        id is T5Tokenizer.PadId or T5Tokenizer.EosId or T5Tokenizer.UnknownId || (id >= pieceCount && id < VocabularySize);

    /// <summary>Finds the first special token.</summary>
    /// <param name="text">The raw text.</param>
    /// <param name="found">Its position and id.</param>
    public bool TryFind(ReadOnlySpan<char> text, out Match found)
    {
        for (var from = 0; text[from..].IndexOf('<') is var step and >= 0; from += step + 1)
        {
            var start = from + step;
            if (TryMatch(text[start..], out var length, out var id))
            {
                found = new Match(start, length, id);
                return true;
            }
        }

        found = default;
        return false;
    }

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
        for (; at < text.Length && char.IsAsciiDigit(text[at]) && number < extraIdCount; at++)
        {
            // no leading zeros: <extra_id_01> is plain text
            if (number == 0 && at > ExtraIdStart.Length)
                return default;
            number = (number * 10) + (text[at] - '0');
        }

        var isExtraId = at > ExtraIdStart.Length && at < text.Length && text[at] == '>' && number < extraIdCount;
        return isExtraId ? (at + 1, VocabularySize - 1 - number) : default;
    }

    /// <summary>A special token in a text: its position in characters, and its id.</summary>
    internal readonly record struct Match(int Start, int Length, int Id)
    {
        public int End => Start + Length;
    }
}
