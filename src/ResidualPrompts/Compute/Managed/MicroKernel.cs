using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// The micro-kernel of BLIS: computes one MR × NR micro-tile, up to MR rows times a packed panel. The sums stay in registers for the panel's
/// whole depth.
/// </summary>
internal abstract unsafe class MicroKernel
{
    /// <summary>Name of the instruction set.</summary>
    internal abstract string Name { get; }

    /// <summary>Maximum rows of a micro-tile.</summary>
    internal abstract int MR { get; }

    /// <summary>Columns of a panel and of a micro-tile.</summary>
    internal abstract int NR { get; }

    /// <summary>For AVX-512; null where the processor lacks it.</summary>
    internal static MicroKernel? Avx512 { get; } = Avx512Vectors.IsSupported ? new VectorMicroKernel<Avx512Vectors, Vector512<float>>() : null;

    /// <summary>For AVX2 and FMA; null where the processor lacks them.</summary>
    internal static MicroKernel? Avx2 { get; } = Avx2Vectors.IsSupported ? new VectorMicroKernel<Avx2Vectors, Vector256<float>>() : null;

    /// <summary>The fastest micro-kernel for this processor, or null.</summary>
    internal static MicroKernel? Fastest => Avx512 ?? Avx2;

    /// <summary>target = rows · panel, or target += rows · panel.</summary>
    /// <param name="rows">First element of the rows.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="step">Elements from one element of a row to the next.</param>
    /// <param name="rowCount">Number of rows, at most <see cref="MR"/>.</param>
    /// <param name="panel">A <see cref="PackedPanel"/> of <see cref="NR"/> columns.</param>
    /// <param name="height">Rows of the panel.</param>
    /// <param name="target">First element of [rowCount, <see cref="NR"/>]; all of them are written.</param>
    /// <param name="targetStride">Elements from one row of the target to the next.</param>
    /// <param name="accumulate">Whether to add to the target instead of overwriting it.</param>
    internal abstract void Multiply(
        float* rows, nint stride, nint step, int rowCount, float* panel, nint height, float* target, nint targetStride, bool accumulate);
}
