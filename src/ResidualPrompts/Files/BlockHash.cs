using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ResidualPrompts.Files;

/// <summary>
/// A digest of many bytes, as fast as they are read, that depends on every bit and on where it stands. It finds damage: blocks that are changed,
/// exchanged, or moved. It does not protect against a forger. The same bytes have the same digest on every machine.
/// </summary>
internal static class BlockHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15; // odd, so that every step can be undone: no two contents of one word meet
    private const int StreamCount = 4; // independent, so that the processor does not wait for one multiplication
    private const int BlockSize = StreamCount * 32;

    /// <summary>The digest.</summary>
    internal static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var multiplier = Vector256.Create(Multiplier);
        var (a, b, c, d) = (Vector256.Create(1UL, 2, 3, 4), Vector256.Create(5UL, 6, 7, 8), Vector256.Create(9UL, 10, 11, 12),
            Vector256.Create(13UL, 14, 15, 16));
        var blocks = MemoryMarshal.Cast<byte, Vector256<ulong>>(bytes[..(bytes.Length / BlockSize * BlockSize)]);
        for (var i = 0; i < blocks.Length; i += StreamCount)
        {
            a = Step(a, blocks[i], multiplier);
            b = Step(b, blocks[i + 1], multiplier);
            c = Step(c, blocks[i + 2], multiplier);
            d = Step(d, blocks[i + 3], multiplier);
        }

        var hash = (ulong)bytes.Length;
        foreach (var stream in new[] { a, b, c, d })
        {
            for (var lane = 0; lane < Vector256<ulong>.Count; lane++)
                hash = Step(hash, stream[lane]);
        }

        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (var rest = bytes[(blocks.Length * 32)..]; rest.Length > 0; rest = rest[Math.Min(rest.Length, word.Length)..])
        {
            word.Clear();
            rest[..Math.Min(rest.Length, word.Length)].CopyTo(word);
            hash = Step(hash, BinaryPrimitives.ReadUInt64LittleEndian(word));
        }

        return Step(hash, 0);
    }

    /// <summary>Multiplication carries to the left, the shift carries back to the right: no bit gets lost at either end.</summary>
    private static Vector256<ulong> Step(Vector256<ulong> hash, Vector256<ulong> word, Vector256<ulong> multiplier)
    {
        hash = (hash ^ word) * multiplier;
        return hash ^ (hash >>> 32);
    }

    private static ulong Step(ulong hash, ulong word)
    {
        hash = (hash ^ word) * Multiplier;
        return hash ^ (hash >>> 32);
    }
}
