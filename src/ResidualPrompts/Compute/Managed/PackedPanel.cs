using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// A packed panel: up to KC rows and NR columns of a matrix, copied row by row without gaps, so that the micro-kernel reads memory in order. It is
/// float32[height, width], with zeros for missing columns.
/// </summary>
internal readonly unsafe struct PackedPanel
{
    /// <summary>KC, the depth of a panel: with 32 columns it has 48 KiB, about a core's L1 cache.</summary>
    internal const int KC = 384;

    private const int Square = 8;
    private const int Alignment = 64; // bytes

    private readonly int _width;

    /// <summary>Places a panel in a buffer.</summary>
    /// <param name="buffer"><see cref="BufferSize"/> elements.</param>
    /// <param name="width">Columns, a multiple of 16.</param>
    internal PackedPanel(float* buffer, int width)
    {
        Start = (float*)(((nuint)buffer + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        _width = width;
    }

    /// <summary>First element.</summary>
    internal float* Start { get; }

    /// <summary>Elements of a buffer for a panel of the given width, including alignment.</summary>
    internal static int BufferSize(int width) => (KC * width) + (Alignment / sizeof(float));

    /// <summary>Packs a part of a matrix.</summary>
    /// <param name="source">[height, width], contiguous rows or columns.</param>
    /// <param name="height">Rows, at most <see cref="KC"/>.</param>
    /// <param name="width">Columns, at most the panel's.</param>
    internal void Fill(MatrixView source, int height, int width)
    {
        if (source.ColumnStride == 1)
            Copy(source.Start, source.RowStride, height, width);
        else
            Transpose(source.Start, source.ColumnStride, height, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(float* source, nint stride, int height, int width)
    {
        var target = Start;
        var panelWidth = _width;
        for (var row = 0; row < height; row++, target += panelWidth, source += stride)
        {
            if (width == panelWidth)
            {
                Sse.Prefetch0(source + panelWidth); // the next panel's
                Sse.Prefetch0(source + panelWidth + (Alignment / sizeof(float)));
                CopyRow(source, target, panelWidth);
                continue;
            }

            for (var column = 0; column < panelWidth; column++)
                target[column] = column < width ? source[column] : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(float* source, nint stride, int height, int width)
    {
        var (squaresHeight, squaresWidth) = (height - (height % Square), width - (width % Square));
        for (var column = 0; column < squaresWidth; column += Square)
        {
            for (var row = 0; row < squaresHeight; row += Square)
            {
                var square = source + (column * stride) + row;
                if (row % (2 * Square) == 0) // once per cache line
                    Prefetch(square + (_width * stride), stride);
                TransposeSquare(square, stride, Start + (row * _width) + column);
            }
        }

        for (var column = 0; column < _width; column++)
        {
            for (var row = column < squaresWidth ? squaresHeight : 0; row < height; row++)
                Start[(row * _width) + column] = column < width ? source[(column * stride) + row] : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* source, float* target, int width)
    {
        for (var column = 0; column < width; column += 2 * Square, source += 2 * Square, target += 2 * Square)
        {
            var (left, right) = (Vector256.Load(source), Vector256.Load(source + Square));
            left.Store(target);
            right.Store(target + Square);
        }
    }

    /// <summary>Transposes eight rows of eight, four columns at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TransposeSquare(float* source, nint stride, float* target)
    {
        const byte LowHalves = 0x44, HighHalves = 0xEE;
        for (var half = 0; half < Square; half += 4, source += 4, target += 4 * _width)
        {
            // Four elements of a row, and of the row four below it in the upper half of the vector.
            var a = FromBoth(source, stride);
            var b = FromBoth(source + stride, stride);
            var c = FromBoth(source + (2 * stride), stride);
            var d = FromBoth(source + (3 * stride), stride);
            var (ab, cd) = (Avx.UnpackLow(a, b), Avx.UnpackLow(c, d));
            Avx.Shuffle(ab, cd, LowHalves).Store(target);
            Avx.Shuffle(ab, cd, HighHalves).Store(target + _width);
            (ab, cd) = (Avx.UnpackHigh(a, b), Avx.UnpackHigh(c, d));
            Avx.Shuffle(ab, cd, LowHalves).Store(target + (2 * _width));
            Avx.Shuffle(ab, cd, HighHalves).Store(target + (3 * _width));
        }
    }

    /// <summary>Prefetches the next panel's rows, which lie far apart; an address beyond the matrix does no harm.</summary>
    private static void Prefetch(float* source, nint stride)
    {
        for (var row = 0; row < Square; row++)
            Sse.Prefetch0(source + (row * stride));
    }

    private static Vector256<float> FromBoth(float* row, nint stride) => Vector256.Create(Vector128.Load(row), Vector128.Load(row + (4 * stride)));
}
