namespace ResidualPrompts.Tokenization;

/// <summary>Builds the double array of a <see cref="PieceTrie"/> once, when a model is loaded.</summary>
internal sealed class PieceTrieBuilder
{
    private const int Free = -1;

    // Not the root itself: the byte 0 would lead from the root to the root.
    private const int NoParent = -2;

    // How many places are tried for a node's children before they go behind everything: keeps building linear for odd vocabularies.
    private const int MostTries = 64;

    private readonly List<(ReadOnlyMemory<byte> Key, int Id, float Score)> _entries;
    private PieceTrie.Node[] _nodes = [];
    private int[] _nextFree = [];
    private int _used;

    private PieceTrieBuilder(List<(ReadOnlyMemory<byte> Key, int Id, float Score)> entries)
    {
        _entries = entries;
        Grow(4 * entries.Count + 2 * 256);
        Occupy(PieceTrie.Root, NoParent);
    }

    /// <summary>Builds the trie of the normal pieces.</summary>
    /// <param name="pieces">A vocabulary without duplicates.</param>
    public static PieceTrie Build(IReadOnlyList<SentencePiece> pieces)
    {
        var entries = new List<(ReadOnlyMemory<byte> Key, int Id, float Score)>(pieces.Count);
        var longest = 0;
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Kind != PieceKind.Normal)
                continue;
            entries.Add((pieces[id].Utf8, id, pieces[id].Score));
            longest = Math.Max(longest, pieces[id].Utf8.Length);
        }

        entries.Sort((a, b) => a.Key.Span.SequenceCompareTo(b.Key.Span));
        var builder = new PieceTrieBuilder(entries);
        builder.PlaceAll();
        return new PieceTrie(builder._nodes[..builder._used], longest);
    }

    private void PlaceAll()
    {
        // Breadth first: the busy nodes near the root get their places while there is room, the chains fill the gaps.
        var waiting = new Queue<(int Node, int Start, int End, int Depth)>();
        waiting.Enqueue((PieceTrie.Root, 0, _entries.Count, 0));
        var children = new List<(byte Label, int Start, int End)>();
        while (waiting.TryDequeue(out var next))
        {
            var start = next.Start;
            if (next.Depth > 0 && _entries[start].Key.Length == next.Depth)
            {
                _nodes[next.Node].Piece = _entries[start].Id;
                _nodes[next.Node].Score = _entries[start].Score;
                start++;
            }

            CollectChildren(children, start, next.End, next.Depth);
            if (children.Count == 0)
                continue;
            var place = FindPlace(children);
            _nodes[next.Node].Children = place;
            foreach (var child in children)
            {
                var index = place + child.Label;
                Occupy(index, next.Node);
                waiting.Enqueue((index, child.Start, child.End, next.Depth + 1));
            }
        }
    }

    private void CollectChildren(List<(byte Label, int Start, int End)> children, int start, int end, int depth)
    {
        children.Clear();
        while (start < end)
        {
            var label = _entries[start].Key.Span[depth];
            var after = start + 1;
            while (after < end && _entries[after].Key.Span[depth] == label)
                after++;
            children.Add((label, start, after));
            start = after;
        }
    }

    private int FindPlace(List<(byte Label, int Start, int End)> children)
    {
        var first = children[0].Label;
        var slot = NextFree(Math.Max(1, (int)first));
        for (var tries = 0; tries < MostTries && slot < _used; tries++)
        {
            if (Fits(slot - first, children))
                return slot - first;
            slot = NextFree(slot + 1);
        }

        var behindEverything = Math.Max(_used - first, 0);
        MakeRoom(behindEverything);
        return behindEverything;
    }

    private bool Fits(int place, List<(byte Label, int Start, int End)> children)
    {
        MakeRoom(place);
        foreach (var child in children)
        {
            if (_nodes[place + child.Label].Parent != Free)
                return false;
        }

        return true;
    }

    private void Occupy(int index, int parent)
    {
        _nodes[index].Parent = parent;
        _nextFree[index] = index + 1;
        _used = Math.Max(_used, index + 1);
    }

    /// <summary>The first free index from here on; every walk shortens the way for the next one.</summary>
    private int NextFree(int index)
    {
        var free = index;
        while (free < _used && _nextFree[free] != free)
            free = _nextFree[free];
        while (index < free)
            (index, _nextFree[index]) = (_nextFree[index], free);
        return free;
    }

    private void MakeRoom(int place)
    {
        if (place + 256 > _nodes.Length)
            Grow(2 * _nodes.Length);
    }

    private void Grow(int size)
    {
        var old = _nodes.Length;
        Array.Resize(ref _nodes, size);
        Array.Resize(ref _nextFree, size);
        _nodes.AsSpan(old).Fill(new PieceTrie.Node { Parent = Free, Piece = PieceTrie.NoPiece });
        for (var i = old; i < size; i++)
            _nextFree[i] = i;
    }
}
