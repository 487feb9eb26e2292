using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>What a piece of a SentencePiece model is for; the values are those of the file format.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One entry of the vocabulary; its place in the file is its id.</summary>
/// <param name="Text">The piece, a space written as U+2581.</param>
/// <param name="Utf8">The same as UTF-8.</param>
/// <param name="Score">Natural logarithm of its probability; means something for normal pieces only.</param>
/// <param name="Kind">What it is for.</param>
internal readonly record struct SentencePiece(string Text, ReadOnlyMemory<byte> Utf8, float Score, PieceKind Kind);

/// <summary>The part of a <c>spiece.model</c> file that T5 needs, checked.</summary>
/// <param name="Pieces">At least the special ones and one normal piece; index = id; no two with equal text.</param>
/// <param name="CharsMap">How characters are normalised before they are cut into pieces.</param>
internal sealed record SentencePieceModel(IReadOnlyList<SentencePiece> Pieces, CharsMap CharsMap);
