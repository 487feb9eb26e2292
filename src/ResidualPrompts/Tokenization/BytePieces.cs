using System.Globalization;

namespace ResidualPrompts.Tokenization;

/// <summary>The pieces <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> of a vocabulary with byte fallback, such as mT5's: they write what it
/// cannot.</summary>
internal static class BytePieces
{
    private const int Count = 256;

    /// <summary>The ids of the byte pieces by byte; null for a vocabulary without.</summary>
    /// <param name="pieces">A vocabulary, checked.</param>
    public static int[]? Ids(IReadOnlyList<SentencePiece> pieces)
    {
        int[]? ids = null;
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Kind == PieceKind.Byte)
                (ids ??= new int[Count])[ByteOf(pieces[id].Text)!.Value] = id;
        }

        return ids;
    }

    /// <summary>The byte that a piece stands for; null for other texts.</summary>
    public static byte? ByteOf(string piece) => piece is ['<', '0', 'x', var high, var low, '>'] && IsDigit(high) && IsDigit(low)
        ? byte.Parse([high, low], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : null;

    /// <summary>Checks that a vocabulary has all byte pieces, or none without byte fallback.</summary>
    /// <param name="path">Name of the file, for messages.</param>
    /// <param name="pieces">The vocabulary.</param>
    /// <param name="hasByteFallback">What the file says.</param>
    /// <exception cref="TokenizerException">A byte piece is missing, or is none.</exception>
    public static void Check(string path, IReadOnlyList<SentencePiece> pieces, bool hasByteFallback)
    {
        var found = new bool[Count];
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Kind != PieceKind.Byte)
                continue;
            if (!hasByteFallback)
                throw TokenizerException.UnsupportedModel(path, $"piece {id} ('{pieces[id].Text}') is a byte piece, but byte_fallback is false.");
            found[ByteOf(pieces[id].Text)
                ?? throw TokenizerException.DamagedModel(
                    path, $"piece {id} ('{pieces[id].Text}') is a byte piece, expected <0x00> to <0xFF>.")] = true;
        }

        if (hasByteFallback && Array.IndexOf(found, false) is var missing and >= 0)
            throw TokenizerException.UnsupportedModel(
                path, string.Create(CultureInfo.InvariantCulture, $"byte_fallback is true, but the byte piece '<0x{missing:X2}>' is missing."));
    }

    private static bool IsDigit(char c) => c is (>= '0' and <= '9') or (>= 'A' and <= 'F');
}
