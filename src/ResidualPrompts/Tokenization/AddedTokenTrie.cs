using System.Buffers;

namespace ResidualPrompts.Tokenization;

/// <summary>Finds the longest added token at a place of a text, in time proportional to its length.</summary>
internal sealed class AddedTokenTrie
{
    private const int Root = 0;
    private const int NoToken = -1;

    private readonly Dictionary<(int Node, char Next), int> _children = [];
    private readonly List<int> _ends = [NoToken];

    /// <param name="tokens">The tokens, as texts write them; none empty, no two equal.</param>
    public AddedTokenTrie(IReadOnlyList<string> tokens)
    {
        for (var index = 0; index < tokens.Count; index++)
            _ends[NodeOf(tokens[index])] = index;
        Starts = SearchValues.Create([.. tokens.Select(token => token[0]).Append('<')]);
    }

    /// <summary>The characters with which a token can start; <c>&lt;</c> is always one.</summary>
    public SearchValues<char> Starts { get; }

    /// <summary>Finds the longest token at the start of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Its length.</param>
    /// <returns>Its index, or -1.</returns>
    public int Longest(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        var found = NoToken;
        var node = Root;
        for (var i = 0; i < text.Length && _children.TryGetValue((node, text[i]), out node); i++)
        {
            if (_ends[node] != NoToken)
                (found, length) = (_ends[node], i + 1);
        }

        return found;
    }

    private int NodeOf(string token)
    {
        var node = Root;
        foreach (var next in token)
        {
            if (!_children.TryGetValue((node, next), out var child))
            {
                child = _ends.Count;
                _ends.Add(NoToken);
                _children.Add((node, next), child);
            }

            node = child;
        }

        return node;
    }
}
