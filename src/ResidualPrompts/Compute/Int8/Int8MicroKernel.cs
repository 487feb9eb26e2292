namespace ResidualPrompts.Compute.Int8;

/// <summary>Computes one MR × NR micro-tile: up to MR rows of bytes times a panel. The sums stay in registers for the panel's whole depth.</summary>
internal abstract unsafe class Int8MicroKernel
{
    /// <summary>Maximum rows of a micro-tile: with two vectors per row, 12 sums in 16 registers.</summary>
    internal const int MR = 6;

    /// <summary>Columns of a panel and of a micro-tile.</summary>
    internal const int NR = 16;

    /// <summary>Adjacent bytes that one instruction multiplies and sums.</summary>
    internal const int Depth = 4;

    private const float LeastScale = 1.17549435e-38f; // the inverse of anything smaller overflows

    /// <summary>Name of the instruction set.</summary>
    internal abstract string Name { get; }

    /// <summary>For AVX-VNNI; null where the processor lacks it.</summary>
    internal static Int8MicroKernel? AvxVnni { get; } = AvxVnniBytes.IsSupported ? new Int8VectorMicroKernel<AvxVnniBytes>() : null;

    /// <summary>For AVX2 alone, by 16-bit products; null where the processor lacks it.</summary>
    internal static Int8MicroKernel? Avx2 { get; } = Avx2Bytes.IsSupported ? new Int8VectorMicroKernel<Avx2Bytes>() : null;

    /// <summary>The fastest micro-kernel for this processor, or null.</summary>
    internal static Int8MicroKernel? Fastest => AvxVnni ?? Avx2;

    /// <summary>The quantization step: range / units. A range too small to divide by counts as zero. NaN stays NaN.</summary>
    internal static float ScaleOf(float range, int units) => range / units < LeastScale ? 1 : range / units;

    /// <summary>target = rows · panelᵀ, dequantized.</summary>
    /// <param name="rows">View of the first row.</param>
    /// <param name="rowCount">Number of rows, at most <see cref="MR"/>.</param>
    /// <param name="panel">The columns.</param>
    /// <param name="height">Length of rows and columns in groups of <see cref="Depth"/>.</param>
    /// <param name="target">First element of [rowCount, <see cref="NR"/>]; all of them are written.</param>
    /// <param name="targetStride">Elements from one target row to the next.</param>
    internal abstract void Multiply(Int8RowView rows, int rowCount, Int8Panel panel, nint height, float* target, nint targetStride);
}
