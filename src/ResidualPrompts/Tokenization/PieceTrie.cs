using System.Runtime.CompilerServices;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// Pieces of a vocabulary as a double array: the child of a node for byte b is at <c>node.Children + b</c>, and is a child if it names
/// the node as its parent. <see cref="PieceTrieBuilder"/> builds it.
/// </summary>
internal sealed class PieceTrie(PieceTrie.Node[] nodes)
{
    public const int Root = 0;
    public const int NoPiece = -1;

    private readonly Node[] _nodes = nodes;

    /// <summary>Moves from a node to its child.</summary>
    /// <param name="node">The node; the child on success.</param>
    /// <param name="b">The next byte.</param>
    /// <param name="piece">The id of the piece that ends at the child, or <see cref="NoPiece"/>.</param>
    /// <param name="score">The piece's score.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStep(ref int node, byte b, out int piece, out float score)
    {
        var nodes = _nodes;
        var index = nodes[node].Children + b;
        if ((uint)index < (uint)nodes.Length)
        {
            ref readonly var child = ref nodes[index];
            if (child.Parent == node)
            {
                node = index;
                piece = child.Piece;
                score = child.Score;
                return true;
            }
        }

        piece = NoPiece;
        score = 0;
        return false;
    }

    /// <summary>The number of bytes of the longest piece at the start of a text; 0 when no piece starts it.</summary>
    public int Longest(ReadOnlySpan<byte> text)
    {
        var (node, longest) = (Root, 0);
        for (var i = 0; i < text.Length && TryStep(ref node, text[i], out var piece, out _); i++)
        {
            if (piece != NoPiece)
                longest = i + 1;
        }

        return longest;
    }

    /// <summary>A node of 16 bytes, so that four share a cache line.</summary>
    internal struct Node
    {
        public int Parent;
        public int Children;
        public int Piece;
        public float Score;
    }
}
