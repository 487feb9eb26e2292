namespace ResidualPrompts.Tokenization;

/// <summary>Builds the double array of a <see cref="PieceTrie"/> once, when a model is loaded.</summary>
internal sealed class PieceTrieBuilder
{
    private const int Free = -1;

    // Not the root itself: byte 0 would lead from the root to the root.
    private const int NoParent = -2;
    private const int LabelCount = 256;

    // How many places to try for a node's children before they go to the end; keeps building linear for unusual vocabularies.
    private const int MaxTries = 16;

    private readonly PieceTree _tree;
    private readonly IReadOnlyList<SentencePiece> _pieces;
    private PieceTrie.Node[] _nodes = [];
    private int[] _nextFree = [];
    private int _used;

    private PieceTrieBuilder(IReadOnlyList<SentencePiece> pieces, Func<PieceKind, bool> contains)
    {
        _pieces = pieces;
        _tree = new PieceTree(pieces, contains);
        MakeRoom(_tree.Count);
    }

    /// <summary>Builds the trie of the pieces that texts are cut into: normal and user-defined ones.</summary>
    /// <param name="pieces">A vocabulary without duplicates.</param>
    public static PieceTrie Build(IReadOnlyList<SentencePiece> pieces) =>
        Build(pieces, kind => kind is PieceKind.Normal or PieceKind.UserDefined);

    /// <summary>Builds the trie of the pieces of some kinds.</summary>
    /// <param name="pieces">A vocabulary without duplicates.</param>
    /// <param name="contains">The kinds of pieces that the trie contains.</param>
    public static PieceTrie Build(IReadOnlyList<SentencePiece> pieces, Func<PieceKind, bool> contains)
    {
        var builder = new PieceTrieBuilder(pieces, contains);
        builder.PlaceAll();
        return new PieceTrie(builder._nodes[..builder._used]);
    }

    private void PlaceAll()
    {
        // Breadth first: the busy nodes near the root get their places while there is space, the chains fill the gaps.
        var waiting = new Queue<(int TreeNode, int Index)>();
        Place(PieceTree.Root, PieceTrie.Root, NoParent);
        waiting.Enqueue((PieceTree.Root, PieceTrie.Root));
        while (waiting.TryDequeue(out var parent))
        {
            var child = _tree[parent.TreeNode].FirstChild;
            if (child == PieceTree.None)
                continue;
            var place = FindPlace(child);
            _nodes[parent.Index].Children = place;
            for (; child != PieceTree.None; child = _tree[child].NextSibling)
            {
                var index = place + _tree[child].Label;
                Place(child, index, parent.Index);
                waiting.Enqueue((child, index));
            }
        }
    }

    private void Place(int treeNode, int index, int parent)
    {
        var piece = _tree[treeNode].Piece;
        _nodes[index] = new PieceTrie.Node { Parent = parent, Piece = piece, Score = piece == PieceTrie.NoPiece ? 0 : _pieces[piece].Score };
        _nextFree[index] = index + 1;
        _used = Math.Max(_used, index + 1);
    }

    /// <summary>Finds a place for the children of one node.</summary>
    private int FindPlace(int firstChild)
    {
        var lowest = LowestLabel(firstChild);
        var slot = NextFree(Math.Max(PieceTrie.Root + 1, lowest));
        for (var tries = 0; tries < MaxTries && slot < _used; tries++)
        {
            if (Fits(firstChild, slot - lowest))
                return slot - lowest;
            slot = NextFree(slot + 1);
        }

        var behindEverything = Math.Max(_used - lowest, 0);
        MakeRoom(behindEverything);
        return behindEverything;
    }

    private int LowestLabel(int firstChild)
    {
        var lowest = LabelCount;
        for (var child = firstChild; child != PieceTree.None; child = _tree[child].NextSibling)
            lowest = Math.Min(lowest, _tree[child].Label);
        return lowest;
    }

    private bool Fits(int firstChild, int place)
    {
        MakeRoom(place);
        for (var child = firstChild; child != PieceTree.None; child = _tree[child].NextSibling)
        {
            if (_nodes[place + _tree[child].Label].Parent != Free)
                return false;
        }

        return true;
    }

    /// <summary>The first free index from here on. Every walk shortens the next one.</summary>
    private int NextFree(int index)
    {
        var free = index;
        while (free < _used && _nextFree[free] != free)
            free = _nextFree[free];
        while (index < free)
            (index, _nextFree[index]) = (_nextFree[index], free);
        return free;
    }

    /// <summary>Grows the array so that every child of this place lies inside it.</summary>
    private void MakeRoom(int place)
    {
        var old = _nodes.Length;
        if (place + LabelCount <= old)
            return;
        var size = Math.Max(2 * old, place + LabelCount);
        Array.Resize(ref _nodes, size);
        Array.Resize(ref _nextFree, size);
        for (var i = old; i < size; i++)
        {
            _nodes[i].Parent = Free;
            _nextFree[i] = i;
        }
    }
}
