using System.Buffers;
using System.Runtime.InteropServices;
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
        return id < pieces.Count ? pieces[id].Text : specialTokens.NameOf(id);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens, bool cleanUpSpaces)
    {
        var text = new StringBuilder();
        var segment = new StringBuilder();
        var start = 0; // of the text after the last special token of the segment
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            var piece = PieceOf(id);
            if (id < pieces.Count && pieces[id].Kind == PieceKind.Byte)
            {
                bytes.Add(BytePieces.ByteOf(piece)!.Value);
                continue;
            }

            if (skipSpecialTokens && (specialTokens.AddedOf(id)?.IsSpecial ?? specialTokens.Contains(id)))
                continue;
            AppendCharacters(segment, bytes);
            if (specialTokens.AddedOf(id) is { } added)
            {
                Join(text, Text(segment));
                Join(text, added.Content);
                segment.Clear();
                start = 0;
            }
            else if (specialTokens.Contains(id))
            {
                segment.Append(piece).Append(' ');
                start = segment.Length;
            }
            else if (id >= pieces.Count || pieces[id].Kind != PieceKind.Control)
            {
                var eatSpace = segment.Length == start && piece.StartsWith(Space);
                segment.Append(piece, eatSpace ? 1 : 0, piece.Length - (eatSpace ? 1 : 0));
            }
        }

        AppendCharacters(segment, bytes);
        Join(text, Text(segment));
        return cleanUpSpaces ? CleanUp(text.ToString()) : text.ToString();
    }

    /// <summary>Appends the characters of adjacent byte pieces; every byte that is part of none becomes U+FFFD.</summary>
    private static void AppendCharacters(StringBuilder segment, List<byte> bytes)
    {
        for (var at = 0; at < bytes.Count;)
        {
            var isCharacter = Rune.DecodeFromUtf8(CollectionsMarshal.AsSpan(bytes)[at..], out var character, out var length) == OperationStatus.Done;
            segment.Append(character.ToString());
            at += isCharacter ? length : 1;
        }

        bytes.Clear();
    }

    /// <summary>Adds a part of a text, with a space between two parts.</summary>
    private static void Join(StringBuilder text, string part)
    {
        if (part.Length > 0)
            text.Append(text.Length > 0 ? " " : "").Append(part);
    }

    private static string Text(StringBuilder segment) =>
        PythonWhiteSpace.TrimStart(PythonWhiteSpace.TrimEnd(segment.Replace(Space, ' ').ToString())).ToString();

    private static string CleanUp(string text)
    {
        foreach (var (from, to) in CleanUps)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }
}
