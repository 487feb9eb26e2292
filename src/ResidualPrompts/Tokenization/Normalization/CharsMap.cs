namespace ResidualPrompts.Tokenization.Normalization;

/// <summary>
/// The normalization map of a SentencePiece model (<c>precompiled_charsmap</c>): UTF-8 strings and their replacements.
/// <see cref="CharsMapReader"/> has checked the units; the walk stays inside the array in any case.
/// </summary>
internal sealed class CharsMap
{
    /// <summary>A model without a map: every character stays.</summary>
    public static readonly CharsMap Empty = new([], []);

    private const int AsciiCount = 128;

    private readonly DoubleArrayUnit[] _units;
    private readonly byte[] _replacements;
    private readonly bool[] _staysBeforeAscii = new bool[AsciiCount];

    public CharsMap(DoubleArrayUnit[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
        for (var b = 0; b < AsciiCount; b++)
            _staysBeforeAscii[b] = StaysBeforeAscii((byte)b);
    }

    /// <summary>
    /// Whether this byte is ASCII and is copied when the next byte is also ASCII (or the text ends): no key is the byte alone, and no key
    /// continues with ASCII. This shortcut covers nearly all English text.
    /// </summary>
    public bool IsCopiedBeforeAscii(byte b) => b < AsciiCount && _staysBeforeAscii[b];

    /// <summary>Finds the longest key at the start of a text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">The key's replacement; may be empty.</param>
    /// <returns>The number of bytes of the key; 0 when no key starts here.</returns>
    public int LongestKey(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        var length = 0;
        var value = 0;
        if (_units.Length > 0)
        {
            var position = _units[0].Base(0);
            for (var i = 0; i < text.Length; i++)
            {
                if (!TryStep(ref position, text[i], out var unit))
                    break;
                if (unit.EndsKey && position < (uint)_units.Length)
                {
                    length = i + 1;
                    value = _units[position].Value;
                }
            }
        }

        replacement = length == 0 ? default : ReplacementAt(value);
        return length;
    }

    private ReadOnlySpan<byte> ReplacementAt(int offset)
    {
        var rest = _replacements.AsSpan(Math.Min(offset, _replacements.Length));
        var end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    private bool TryStep(ref uint position, byte b, out DoubleArrayUnit unit)
    {
        var child = position ^ b;
        if (child >= (uint)_units.Length)
        {
            unit = default;
            return false;
        }

        unit = _units[child];
        if (unit.Label != b)
            return false;
        position = unit.Base(child);
        return true;
    }

    private bool StaysBeforeAscii(byte b)
    {
        if (_units.Length == 0)
            return true;
        var position = _units[0].Base(0);
        if (!TryStep(ref position, b, out var unit))
            return true;
        if (unit.EndsKey)
            return false;
        for (var next = 0; next < AsciiCount; next++)
        {
            var child = position;
            if (TryStep(ref child, (byte)next, out _))
                return false;
        }

        return true;
    }
}
