using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>Kinds of pieces in a SentencePiece model; the values are those of the file format.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One entry of the vocabulary; its index in the file is its id.</summary>
/// <param name="Text">The piece, with spaces as U+2581.</param>
/// <param name="Utf8">The piece as UTF-8.</param>
/// <param name="Score">Natural logarithm of its probability; defined for normal pieces only.</param>
/// <param name="Kind">Its kind.</param>
internal readonly record struct SentencePiece(string Text, ReadOnlyMemory<byte> Utf8, float Score, PieceKind Kind);

/// <summary>The parts of a <c>spiece.model</c> file that T5 needs, checked.</summary>
/// <param name="Pieces">The special pieces and at least one normal piece; index = id; all texts differ.</param>
/// <param name="CharsMap">How characters are normalized before a text is cut into pieces.</param>
internal sealed record SentencePieceModel(IReadOnlyList<SentencePiece> Pieces, CharsMap CharsMap);
