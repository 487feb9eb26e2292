using System.Numerics;
using System.Runtime.InteropServices;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// Float32 as bfloat16: the upper half of its bits, rounded to nearest, ties to even. Every NaN becomes 0x7FC0, so that equal models have equal
/// bits on every machine.
/// </summary>
internal static class Bfloat16
{
    private const uint SignMask = 0x7FFF_FFFF;
    private const uint Infinity = 0x7F80_0000;
    private const ushort NotANumber = 0x7FC0;
    private const ushort HalfInfinity = 0x7F80;

    /// <summary>Rounds float32 numbers.</summary>
    /// <param name="numbers">Bits of float32 numbers.</param>
    /// <param name="result">Receives as many bfloat16 numbers.</param>
    public static void Round(ReadOnlySpan<uint> numbers, Span<ushort> result)
    {
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(numbers);
        var done = 0;
        for (var i = 0; i + 1 < vectors.Length; i += 2)
        {
            Vector.Narrow(Round(vectors[i]), Round(vectors[i + 1])).CopyTo(result[done..]);
            done += Vector<ushort>.Count;
        }

        for (; done < numbers.Length; done++)
            result[done] = Round(numbers[done]);
    }

    /// <summary>Replaces every NaN among bfloat16 numbers by the same bits.</summary>
    /// <param name="numbers">Bfloat16 numbers.</param>
    /// <param name="result">Receives as many numbers.</param>
    public static void Canonicalize(ReadOnlySpan<ushort> numbers, Span<ushort> result)
    {
        for (var i = 0; i < numbers.Length; i++)
            result[i] = (numbers[i] & 0x7FFF) > HalfInfinity ? NotANumber : numbers[i];
    }

    private static Vector<uint> Round(Vector<uint> bits)
    {
        var rounded = (bits + new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One)) >> 16;
        var isNotANumber = Vector.GreaterThan(bits & new Vector<uint>(SignMask), new Vector<uint>(Infinity));
        return Vector.ConditionalSelect(isNotANumber, new Vector<uint>(NotANumber), rounded);
    }

    private static ushort Round(uint bits) => (bits & SignMask) > Infinity ? NotANumber : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}
