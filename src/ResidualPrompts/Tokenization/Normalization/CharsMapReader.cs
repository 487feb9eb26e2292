using System.Buffers.Binary;
using System.Text.Unicode;

namespace ResidualPrompts.Tokenization.Normalization;

/// <summary>
/// Reads and checks a <c>precompiled_charsmap</c>: the size of the trie in bytes (uint32, little-endian), the trie's units, and zero-terminated UTF-8
/// replacements, which the trie's values point to. Every reachable unit is visited once.
/// </summary>
internal sealed class CharsMapReader
{
    // U+FDFA becomes 33 bytes, and the longest key has fewer. The limit keeps one character of a forged map from becoming megabytes.
    private const int LongestStringBytes = 255;

    private readonly string _path;
    private readonly DoubleArrayUnit[] _units;
    private readonly byte[] _replacements;

    // The children of a base are at base ^ label, so a unit itself shows which base it would be a child of.
    private readonly int[] _firstChild;
    private readonly int[] _nextSibling;
    private readonly int[] _height;

    private CharsMapReader(string path, DoubleArrayUnit[] units, byte[] replacements)
    {
        _path = path;
        _units = units;
        _replacements = replacements;
        _firstChild = new int[units.Length];
        _nextSibling = new int[units.Length];
        _height = new int[units.Length];
    }

    /// <summary>Reads a map. An empty one changes nothing.</summary>
    /// <param name="path">Name of the model's file, for messages.</param>
    /// <param name="bytes">The field's content.</param>
    /// <exception cref="TokenizerException">The map is damaged.</exception>
    public static CharsMap Read(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return CharsMap.Empty;
        if (bytes.Length < sizeof(uint))
            throw Damaged(path, $"it has only {bytes.Length} bytes");
        var trieSize = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var rest = bytes[sizeof(uint)..];
        if (trieSize == 0 || trieSize % sizeof(uint) != 0 || trieSize > (uint)rest.Length)
            throw Damaged(path, $"its trie should have {trieSize} bytes, a multiple of 4 and at most {rest.Length}");

        var units = new DoubleArrayUnit[trieSize / sizeof(uint)];
        for (var i = 0; i < units.Length; i++)
            units[i] = new DoubleArrayUnit(BinaryPrimitives.ReadUInt32LittleEndian(rest[(i * sizeof(uint))..]));
        var replacements = rest[(int)trieSize..].ToArray();
        if (!Utf8.IsValid(replacements))
            throw Damaged(path, "its replacements are not valid UTF-8");
        if (replacements.Length == 0 || replacements[^1] != 0)
            throw Damaged(path, "its last replacement is not ended by a zero byte");

        new CharsMapReader(path, units, replacements).Check();
        return new CharsMap(units, replacements);
    }

    private void Check()
    {
        LinkChildren();
        CheckBelow(NodeBase(0), depth: 0);
    }

    private void LinkChildren()
    {
        Array.Fill(_firstChild, -1);
        for (var i = _units.Length - 1; i >= 0; i--)
        {
            if (_units[i].IsValue)
                continue;
            var parentBase = (uint)i ^ _units[i].Label;
            if (parentBase >= (uint)_units.Length)
                continue;
            _nextSibling[i] = _firstChild[parentBase];
            _firstChild[parentBase] = i;
        }
    }

    /// <summary>Visits everything below a base once. Returns the bytes that its longest key still has.</summary>
    private int CheckBelow(uint from, int depth)
    {
        const int InProgress = -1;
        if (from >= (uint)_units.Length)
            return 0;
        if (_height[from] == InProgress)
            throw Damaged(_path, $"its trie runs in a circle at unit {from}");
        if (_height[from] > 0)
            return RequireShort(_height[from] - 1, depth);

        _height[from] = InProgress;
        var height = 0;
        for (var child = _firstChild[from]; child >= 0; child = _nextSibling[child])
        {
            RequireShort(1, depth);
            if (_units[child].EndsKey)
                CheckValue(child);
            height = Math.Max(height, 1 + CheckBelow(NodeBase(child), depth + 1));
        }

        // stored plus one: 0 means not visited yet
        _height[from] = height + 1;
        return height;
    }

    private int RequireShort(int height, int depth) => depth + height <= LongestStringBytes
        ? height
        : throw Damaged(_path, $"it has a key of more than {LongestStringBytes} bytes");

    private void CheckValue(int node)
    {
        var place = NodeBase(node);
        if (place >= (uint)_units.Length)
            throw Damaged(_path, $"the value of unit {node} stands at unit {place} of {_units.Length}");
        var offset = _units[place].Value;
        if (offset >= _replacements.Length)
            throw Damaged(_path, $"unit {node} points to byte {offset} of {_replacements.Length} bytes of replacements");
        if ((_replacements[offset] & 0xC0) == 0x80)
            throw Damaged(_path, $"unit {node} points into the middle of a character, to byte {offset} of the replacements");
        if (_replacements.AsSpan(offset).IndexOf((byte)0) > LongestStringBytes)
            throw Damaged(_path, $"the replacement at byte {offset} has more than {LongestStringBytes} bytes");
    }

    private uint NodeBase(int index) => _units[index].Base((uint)index);

    private static TokenizerException Damaged(string path, string problem) =>
        TokenizerException.DamagedModel(path, $"in its normalization map (precompiled_charsmap), {problem}.");
}
