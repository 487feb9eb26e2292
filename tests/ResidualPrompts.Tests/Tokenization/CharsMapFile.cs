using System.Text;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>Writes and reads a precompiled_charsmap in the plainest way: every node has a block of 256 units of its own.</summary>
internal static class CharsMapFile
{
    private const uint ValueBit = 0x80000000;
    private const uint EndsKeyBit = 1 << 8;

    public static byte[] Make(params (string Key, string Replacement)[] entries)
    {
        var replacements = new List<byte>();
        var units = new List<uint>();
        AddBlock(units);
        AddBlock(units);
        units[0] = 256 << 10;
        foreach (var (key, replacement) in entries)
        {
            var node = 0;
            foreach (var label in Encoding.UTF8.GetBytes(key))
            {
                var child = BaseOf(units, node) ^ label;
                if ((units[child] & 0xFF) != label)
                {
                    units[child] = label | (uint)((child ^ units.Count) << 10);
                    AddBlock(units);
                }

                node = child;
            }

            units[node] |= EndsKeyBit;
            units[BaseOf(units, node)] = ValueBit | (uint)replacements.Count;
            replacements.AddRange([.. Encoding.UTF8.GetBytes(replacement), 0]);
        }

        return Join([.. units], [.. replacements]);
    }

    public static byte[] Join(uint[] units, byte[] replacements) =>
        [.. BitConverter.GetBytes(units.Length * sizeof(uint)), .. units.SelectMany(BitConverter.GetBytes), .. replacements];

    public static (uint[] Units, byte[] Replacements) Split(byte[] map)
    {
        var count = BitConverter.ToInt32(map) / sizeof(uint);
        return ([.. Enumerable.Range(1, count).Select(i => BitConverter.ToUInt32(map, i * sizeof(uint)))], map[((count + 1) * sizeof(uint))..]);
    }

    /// <summary>Every key of a map with its replacement, found by trying every byte everywhere.</summary>
    public static Dictionary<string, string> Entries(byte[] map)
    {
        var (units, replacements) = Split(map);
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        Visit(0, []);
        return entries;

        void Visit(int node, byte[] key)
        {
            var start = BaseOf(units, node);
            if (node != 0 && (units[node] & EndsKeyBit) != 0)
            {
                var offset = (int)(units[start] & ~ValueBit);
                entries.Add(Encoding.UTF8.GetString(key),
                    Encoding.UTF8.GetString(replacements[offset..Array.IndexOf(replacements, (byte)0, offset)]));
            }

            for (var label = 0; label < 256; label++)
            {
                var child = start ^ label;
                if (child < units.Length && (units[child] & (ValueBit | 0xFF)) == label)
                    Visit(child, [.. key, (byte)label]);
            }
        }
    }

    private static int BaseOf(IReadOnlyList<uint> units, int node)
    {
        var unit = units[node];
        return node ^ (int)((unit >> 10) << (int)((unit & (1 << 9)) >> 6));
    }

    private static void AddBlock(List<uint> units)
    {
        // labels that no walk can match
        for (var i = 0; i < 256; i++)
            units.Add((uint)i ^ 1);
    }
}
