namespace ResidualPrompts.Tokenization;

/// <summary>
/// Pieces of a vocabulary as a tree of linked lists, byte by byte: fast to build, slow to search. <see cref="PieceTrieBuilder"/> packs
/// it into a <see cref="PieceTrie"/>.
/// </summary>
internal sealed class PieceTree
{
    public const int Root = 0;
    public const int None = -1;

    private readonly Node[] _nodes;

    /// <param name="pieces">The vocabulary.</param>
    /// <param name="contains">The kinds of pieces that the tree contains.</param>
    public PieceTree(IReadOnlyList<SentencePiece> pieces, Func<PieceKind, bool> contains)
    {
        _nodes = new Node[1 + pieces.Sum(piece => piece.Utf8.Length)];
        Add(0);
        for (var id = 0; id < pieces.Count; id++)
        {
            if (contains(pieces[id].Kind))
                _nodes[NodeOf(pieces[id].Utf8.Span)].Piece = id;
        }
    }

    public int Count { get; private set; }

    public ref readonly Node this[int node] => ref _nodes[node];

    // A vocabulary is sorted by score, so frequent bytes come first in their lists.
    private int NodeOf(ReadOnlySpan<byte> key)
    {
        var node = Root;
        foreach (var label in key)
        {
            ref var link = ref _nodes[node].FirstChild;
            while (link != None && _nodes[link].Label != label)
                link = ref _nodes[link].NextSibling;
            if (link == None)
                link = Add(label);
            node = link;
        }

        return node;
    }

    private int Add(byte label)
    {
        _nodes[Count] = new Node { Label = label, FirstChild = None, NextSibling = None, Piece = PieceTrie.NoPiece };
        return Count++;
    }

    internal struct Node
    {
        public int FirstChild;
        public int NextSibling;
        public int Piece;
        public byte Label;
    }
}
