using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>
/// Writes one row of a mask. A 32-bit hash of the row's key and a counter decides two elements. Both widths of vectors write the same elements.
/// </summary>
internal static unsafe class MaskRow
{
    /// <summary>Columns that one vector of eight hashes decides: the low halves the first eight, the high halves the next.</summary>
    internal const int BlockSize = 16;

    private const int WideBlockSize = 2 * BlockSize;
    private const uint FirstFactor = 0x7FEB352D;
    private const uint SecondFactor = 0x846CA68B;

    /// <summary>Writes elements of a row, with the widest vectors of this processor.</summary>
    /// <param name="row">Receives the elements from <paramref name="firstColumn"/> on.</param>
    /// <param name="firstColumn">A multiple of <see cref="BlockSize"/>.</param>
    /// <param name="columnCount">Number of elements.</param>
    /// <param name="rule">Key of the row, and what is written.</param>
    internal static void Fill(float* row, int firstColumn, int columnCount, in Rule rule) =>
        Fill(row, firstColumn, columnCount, rule, Avx512F.IsSupported);

    /// <summary>The same, with vectors of 512 bits, which the processor must have, or of 256 bits.</summary>
    internal static void Fill(float* row, int firstColumn, int columnCount, in Rule rule, bool isWide)
    {
        var done = 0;
        if (isWide && firstColumn % WideBlockSize == 0)
        {
            done = columnCount - (columnCount % WideBlockSize);
            FillWide(row, firstColumn, done, rule);
        }

        FillNarrow(row + done, firstColumn + done, columnCount - done, rule);
    }

    /// <summary>A hash without bias (Ettinger's prospector, "lowbias32").</summary>
    internal static uint Hash(uint x)
    {
        x = (x ^ (x >> 16)) * FirstFactor;
        x = (x ^ (x >> 15)) * SecondFactor;
        return x ^ (x >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillWide(float* row, int firstColumn, int columnCount, Rule rule)
    {
        var thresholds = Vector512.Create(rule.Threshold);
        var counters = Vector512.Create(rule.Key) ^ Vector512<uint>.Indices;
        var (kept, dropped) = (Vector512.Create(rule.Kept), Vector512.Create(rule.Dropped));
        for (var column = 0; column < columnCount; column += WideBlockSize)
        {
            var x = counters ^ Vector512.Create((uint)(firstColumn + column) / 2); // a multiple of 16, so that ^ adds it
            x = (x ^ (x >>> 16)) * FirstFactor;
            x = (x ^ (x >>> 15)) * SecondFactor;
            x ^= x >>> 16;
            var (low, high) = (x & Vector512.Create(0xFFFFu), x >>> 16);
            var first = Avx512F.Shuffle4x128(low, high, 0b01_00_01_00); // the first eight low halves, the first eight high ones
            var second = Avx512F.Shuffle4x128(low, high, 0b11_10_11_10);
            var target = row + column;
            Choose(first, thresholds, kept, dropped).Store(target);
            Choose(second, thresholds, kept, dropped).Store(target + BlockSize);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Choose(Vector512<uint> hashes, Vector512<uint> thresholds, Vector512<float> kept, Vector512<float> dropped) =>
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(hashes, thresholds).AsSingle(), kept, dropped);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillNarrow(float* row, int firstColumn, int columnCount, Rule rule)
    {
        var column = 0;
        for (; column + BlockSize <= columnCount; column += BlockSize)
            Block(row + column, firstColumn + column, rule);
        if (column == columnCount)
            return;
        var last = stackalloc float[BlockSize];
        Block(last, firstColumn + column, rule);
        Unsafe.CopyBlock(row + column, last, (uint)(columnCount - column) * sizeof(float));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block(float* target, int column, Rule rule)
    {
        var thresholds = Vector256.Create((int)rule.Threshold);
        var (kept, dropped) = (Vector256.Create(rule.Kept), Vector256.Create(rule.Dropped));
        var x = Vector256.Create(rule.Key) ^ Vector256<uint>.Indices ^ Vector256.Create((uint)column / 2); // a multiple of 8, so that ^ adds it
        x = (x ^ (x >>> 16)) * FirstFactor;
        x = (x ^ (x >>> 15)) * SecondFactor;
        x ^= x >>> 16;
        Choose((x & Vector256.Create(0xFFFFu)).AsInt32(), thresholds, kept, dropped).Store(target);
        Choose((x >>> 16).AsInt32(), thresholds, kept, dropped).Store(target + Vector256<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Choose(Vector256<int> hashes, Vector256<int> thresholds, Vector256<float> kept, Vector256<float> dropped) =>
        Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(hashes, thresholds).AsSingle(), kept, dropped);

    /// <summary>What decides about the elements of a row, and what is written.</summary>
    /// <param name="Key">Key of the row's hashes.</param>
    /// <param name="Threshold">Elements whose 16 bits of a hash are below it are dropped; 0 to 65,536.</param>
    /// <param name="Kept">Value of kept elements.</param>
    /// <param name="Dropped">Value of dropped elements.</param>
    internal readonly record struct Rule(uint Key, uint Threshold, float Kept, float Dropped);
}
