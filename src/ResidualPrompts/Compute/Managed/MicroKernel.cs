using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Managed;

/// <summary>Some rows times a panel. The sums of the whole tile stay in registers from the panel's first row to its last.</summary>
internal abstract unsafe class MicroKernel
{
    /// <summary>The processor's instructions that it uses.</summary>
    internal abstract string Name { get; }

    /// <summary>The most rows of a tile.</summary>
    internal abstract int MR { get; }

    /// <summary>Columns of a panel and a tile.</summary>
    internal abstract int NR { get; }

    /// <summary>The one for vectors of 512 bits, or null where the processor has none.</summary>
    internal static MicroKernel? Avx512 { get; } = Avx512Vectors.IsSupported ? new VectorMicroKernel<Avx512Vectors, Vector512<float>>() : null;

    /// <summary>The one for vectors of 256 bits, or null where the processor has none.</summary>
    internal static MicroKernel? Avx2 { get; } = Avx2Vectors.IsSupported ? new VectorMicroKernel<Avx2Vectors, Vector256<float>>() : null;

    /// <summary>The fastest one that this processor can run, or null.</summary>
    internal static MicroKernel? Fastest => Avx512 ?? Avx2;

    /// <summary>target = rows · panel, or target += rows · panel.</summary>
    /// <param name="rows">First element of the rows.</param>
    /// <param name="stride">Elements from one of them to the next.</param>
    /// <param name="step">Elements from one element of a row to the next.</param>
    /// <param name="rowCount">Their number, at most <see cref="MR"/>.</param>
    /// <param name="panel">A <see cref="PackedPanel"/> of <see cref="NR"/> columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="target">First element of [rowCount, <see cref="NR"/>]; all of them are written.</param>
    /// <param name="targetStride">Elements from one of the target's rows to the next.</param>
    /// <param name="accumulate">Whether the target holds a part of the sum already.</param>
    internal abstract void Multiply(float* rows, nint stride, nint step, int rowCount, float* panel, nint height, float* target, nint targetStride, bool accumulate);
}
