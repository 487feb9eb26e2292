using System.Globalization;

namespace ResidualPrompts.Tokenization;

/// <summary>Checks the pieces of a model as a whole, so that T5's rules hold.</summary>
internal static class VocabularyCheck
{
    public static void Run(string path, IReadOnlyList<SentencePiece> pieces, bool hasByteFallback)
    {
        if (pieces.Count == 0)
            throw TokenizerException.DamagedModel(path, "it has no pieces.");
        RequireSpecialPiece(path, pieces, T5Tokenizer.PadId, SpecialTokens.Pad, PieceKind.Control);
        RequireSpecialPiece(path, pieces, T5Tokenizer.EosId, SpecialTokens.Eos, PieceKind.Control);
        RequireSpecialPiece(path, pieces, T5Tokenizer.UnknownId, SpecialTokens.Unknown, PieceKind.Unknown);

        var texts = new HashSet<string>(pieces.Count, StringComparer.Ordinal);
        var normalCount = 0;
        for (var id = 0; id < pieces.Count; id++)
        {
            var piece = pieces[id];
            RequireKind(path, id, piece);
            if (!float.IsFinite(piece.Score))
                throw TokenizerException.DamagedModel(
                    path, string.Create(CultureInfo.InvariantCulture, $"the score of piece {id} ('{piece.Text}') is {piece.Score}."));
            if (!texts.Add(piece.Text))
                throw TokenizerException.DamagedModel(path, $"piece {id} ('{piece.Text}') occurs twice.");
            if (piece.Kind == PieceKind.Normal)
                normalCount++;
        }

        if (normalCount == 0)
            throw TokenizerException.DamagedModel(path, "it has no normal pieces.");
        BytePieces.Check(path, pieces, hasByteFallback);
    }

    private static void RequireSpecialPiece(string path, IReadOnlyList<SentencePiece> pieces, int id, string text, PieceKind kind)
    {
        if (id >= pieces.Count)
            throw TokenizerException.UnsupportedModel(path, $"piece {id} is missing, expected '{text}'.");
        if (pieces[id].Text != text || pieces[id].Kind != kind)
            throw TokenizerException.UnsupportedModel(path, $"piece {id} is '{pieces[id].Text}' ({pieces[id].Kind}), expected '{text}' ({kind}).");
    }

    private static void RequireKind(string path, int id, SentencePiece piece)
    {
        switch (piece.Kind)
        {
            case PieceKind.Normal or PieceKind.Control or PieceKind.Unused or PieceKind.UserDefined or PieceKind.Byte:
            case PieceKind.Unknown when id == T5Tokenizer.UnknownId:
                break;
            case PieceKind.Unknown:
                throw TokenizerException.DamagedModel(path, $"piece {id} ('{piece.Text}') is a second unknown piece.");
            default:
                throw TokenizerException.DamagedModel(
                    path, string.Create(CultureInfo.InvariantCulture, $"piece {id} ('{piece.Text}') is of the unknown kind {(int)piece.Kind}."));
        }

        if (SpecialTokens.LooksLikeExtraId(piece.Text))
            throw TokenizerException.UnsupportedModel(path, $"piece {id} is '{piece.Text}'; extra ids must come after the pieces, not among them.");
    }
}
