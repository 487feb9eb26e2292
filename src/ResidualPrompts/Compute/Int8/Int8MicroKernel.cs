using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Int8;

/// <summary>Computes one MR × NR micro-tile: up to MR rows of bytes times a panel. The sums stay in registers for the panel's whole depth.</summary>
internal abstract unsafe class Int8MicroKernel
{
    /// <summary>Adjacent bytes that one instruction multiplies and sums.</summary>
    internal const int Depth = 4;

    /// <summary>The smallest number to divide by.</summary>
    internal const float LeastScale = 1.17549435e-38f; // the inverse of anything smaller overflows

    /// <summary>Name of the instruction set.</summary>
    internal abstract string Name { get; }

    /// <summary>Maximum rows of a micro-tile.</summary>
    internal abstract int MR { get; }

    /// <summary>Columns of a panel and of a micro-tile.</summary>
    internal abstract int NR { get; }

    /// <summary>The largest byte of a row: 255, or 127. Kernels that agree in it give the same bits.</summary>
    internal abstract int LargestByte { get; }

    /// <summary>For AVX-VNNI; null where the processor lacks it.</summary>
    internal static Int8MicroKernel? AvxVnni { get; } =
        AvxVnniBytes.IsSupported ? new Int8VectorMicroKernel<AvxVnniBytes, Vector256<int>>() : null;

    /// <summary>For AVX-512BW; null where the processor lacks it.</summary>
    internal static Int8MicroKernel? Avx512 { get; } =
        Avx512Bytes.IsSupported ? new Int8VectorMicroKernel<Avx512Bytes, Vector512<int>>() : null;

    /// <summary>For AVX2; null where the processor lacks it.</summary>
    internal static Int8MicroKernel? Avx2 { get; } = Avx2Bytes.IsSupported ? new Int8VectorMicroKernel<Avx2Bytes, Vector256<int>>() : null;

    /// <summary>The fastest micro-kernel for this processor, or null.</summary>
    internal static Int8MicroKernel? Fastest => AvxVnni ?? Avx512 ?? Avx2;

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
