using System.Text;
using CsCheck;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public class PieceTrieTests
{
    [Fact]
    public void Every_piece_of_a_vocabulary_is_found_with_its_id_and_score()
    {
        var pieces = SentencePieceReader.Read("nano", NanoTokenizer.ModelBytes).Pieces;
        var trie = PieceTrieBuilder.Build(pieces);

        for (var id = 0; id < pieces.Count; id++)
        {
            var expected = pieces[id].Kind == PieceKind.Normal ? (id, pieces[id].Score) : (PieceTrie.NoPiece, 0);
            Find(trie, pieces[id].Utf8.Span).Should().Be(expected);
        }
    }

    [Fact]
    public void Exactly_the_strings_of_a_vocabulary_are_found() =>
        Gen.Select(Strings.Array[1, 60], Strings.Array[0, 60]).Sample(
            (vocabulary, others) =>
            {
                string[] distinct = [.. vocabulary.Distinct()];
                var trie = PieceTrieBuilder.Build(
                    [.. distinct.Select((text, id) => new SentencePiece(text, Encoding.UTF8.GetBytes(text), -id, PieceKind.Normal))]);
                foreach (var text in vocabulary.Concat(others))
                {
                    var id = Array.IndexOf(distinct, text);
                    Find(trie, Encoding.UTF8.GetBytes(text)).Should().Be((id, id < 0 ? 0 : -id));
                }
            },
            iter: 2_000);

    // few different characters, so that strings share beginnings; with the zero byte and the highest ones
    private static readonly Gen<string> Strings = Gen.OneOf('\0', 'a', 'b', 'z', '\u007f', 'é', '▁', '\uffff').Array[1, 5].Select(c => new string(c));

    private static (int Piece, float Score) Find(PieceTrie trie, ReadOnlySpan<byte> key)
    {
        var node = PieceTrie.Root;
        var found = (PieceTrie.NoPiece, 0f);
        foreach (var b in key)
        {
            if (!trie.TryStep(ref node, b, out var piece, out var score))
                return (PieceTrie.NoPiece, 0);
            found = (piece, score);
        }

        return found;
    }
}
