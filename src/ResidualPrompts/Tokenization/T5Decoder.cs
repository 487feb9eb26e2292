using System.Text;
using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>Decodes ids to text, with the spaces of transformers 4.20's <c>T5Tokenizer.decode</c>.</summary>
internal sealed class T5Decoder(IReadOnlyList<SentencePiece> pieces, SpecialTokens specialTokens)
{
    private const char Space = '\u2581';

    private static readonly (string From, string To)[] CleanUps =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"),
        (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>The piece as the vocabulary writes it, or the name of an id after the pieces.</summary>
    public string PieceOf(int id)
    {
        if (id < 0)
            throw TokenizerException.NegativeId(id);
        return id < pieces.Count ? pieces[id].Text : specialTokens.NameOfExtraId(id);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens, bool cleanUpSpaces)
    {
        var text = new StringBuilder();
        var segmentStart = 0;
        foreach (var id in ids)
        {
            var piece = PieceOf(id);
            if (specialTokens.Contains(id))
            {
                if (skipSpecialTokens)
                    continue;
                text.Append(piece).Append(' ');
                segmentStart = text.Length;
            }
            else if (id >= pieces.Count || pieces[id].Kind != PieceKind.Control)
            {
                var eatSpace = text.Length == segmentStart && piece.StartsWith(Space);
                text.Append(piece, eatSpace ? 1 : 0, piece.Length - (eatSpace ? 1 : 0));
            }
        }

        var decoded = PythonWhiteSpace.TrimStart(PythonWhiteSpace.TrimEnd(text.Replace(Space, ' ').ToString())).ToString();
        return cleanUpSpaces ? CleanUp(decoded) : decoded;
    }

    private static string CleanUp(string text)
    {
        foreach (var (from, to) in CleanUps)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }
}
