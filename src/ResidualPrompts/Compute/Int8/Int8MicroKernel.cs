namespace ResidualPrompts.Compute.Int8;

/// <summary>Some rows of bytes times a panel. The sums of the whole tile stay in registers from the panel's first row to its last.</summary>
internal abstract unsafe class Int8MicroKernel
{
    /// <summary>The most rows of a tile: with two vectors each, 12 sums in 16 registers.</summary>
    internal const int MR = 6;

    /// <summary>Columns of a panel and a tile.</summary>
    internal const int NR = 16;

    /// <summary>Neighbours that are multiplied and summed at once.</summary>
    internal const int Depth = 4;

    private const float LeastScale = 1.17549435e-38f; // one over anything smaller is no number

    /// <summary>The processor's instructions that it uses.</summary>
    internal abstract string Name { get; }

    /// <summary>With AVX-VNNI, which is made for it; null where the processor has none.</summary>
    internal static Int8MicroKernel? AvxVnni { get; } = AvxVnniBytes.IsSupported ? new Int8VectorMicroKernel<AvxVnniBytes>() : null;

    /// <summary>With AVX2 alone, by products of 16 bits; null where the processor has none.</summary>
    internal static Int8MicroKernel? Avx2 { get; } = Avx2Bytes.IsSupported ? new Int8VectorMicroKernel<Avx2Bytes>() : null;

    /// <summary>The fastest one that this processor can run, or null.</summary>
    internal static Int8MicroKernel? Fastest => AvxVnni ?? Avx2;

    /// <summary>What one unit of a byte stands for, where so many of them span a range; a range too small for that counts as nothing. NaN stays.</summary>
    internal static float ScaleOf(float range, int units) => range / units < LeastScale ? 1 : range / units;

    /// <summary>target = rows · panelᵀ, with their scales.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="rowCount">Rows, at most <see cref="MR"/>.</param>
    /// <param name="panel">The columns.</param>
    /// <param name="height">How many times <see cref="Depth"/> elements rows and columns have.</param>
    /// <param name="target">First element of [rowCount, <see cref="NR"/>]; all of them are written.</param>
    /// <param name="targetStride">Elements from one of the target's rows to the next.</param>
    internal abstract void Multiply(Int8RowView rows, int rowCount, Int8Panel panel, nint height, float* target, nint targetStride);
}
