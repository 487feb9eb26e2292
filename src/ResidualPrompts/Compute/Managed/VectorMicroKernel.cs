using System.Runtime.CompilerServices;

namespace ResidualPrompts.Compute.Managed;

/// <summary>The micro-kernel for one instruction set.</summary>
/// <remarks>Taking the address of a sum would spill it from its register, so the method with the loop calls only inlined methods.</remarks>
/// <typeparam name="TVectors">The instruction set.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
internal sealed unsafe class VectorMicroKernel<TVectors, TVector> : MicroKernel
    where TVectors : struct, ISimdVectors<TVector>
    where TVector : unmanaged
{
    private static int VectorSize => sizeof(TVector) / sizeof(float);

    private static int Width => 2 * VectorSize;

    internal override string Name => TVectors.Name;

    internal override int MR => TVectors.MR;

    internal override int NR => Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Multiply(
        float* rows, nint stride, nint step, int rowCount, float* panel, nint height, float* target, nint targetStride, bool accumulate)
    {
        Sums sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default, sums5 = default, sums6 = default, sums7 = default;

        // Missing rows alias row 0; their sums are discarded.
        float* row1 = rows + (rowCount > 1 ? stride : 0), row2 = rows + (rowCount > 2 ? 2 * stride : 0);
        float* row3 = rows + (rowCount > 3 ? 3 * stride : 0), row4 = rows + (rowCount > 4 ? 4 * stride : 0);
        float* row5 = rows + (rowCount > 5 ? 5 * stride : 0);
        float* row6 = rows + (rowCount > 6 ? 6 * stride : 0), row7 = rows + (rowCount > 7 ? 7 * stride : 0);
        for (nint at = 0; height > 0; height--, at += step, panel += Width)
        {
            var low = TVectors.Load(panel);
            var high = TVectors.Load(panel + VectorSize);
            sums0.Add(rows[at], low, high);
            sums1.Add(row1[at], low, high);
            sums2.Add(row2[at], low, high);
            sums3.Add(row3[at], low, high);
            sums4.Add(row4[at], low, high);
            sums5.Add(row5[at], low, high);
            if (TVectors.MR == 8) // a constant for the JIT compiler
            {
                sums6.Add(row6[at], low, high);
                sums7.Add(row7[at], low, high);
            }
        }

        sums0.Write(target, accumulate);
        if (rowCount > 1)
            sums1.Write(target + targetStride, accumulate);
        if (rowCount > 2)
            sums2.Write(target + (2 * targetStride), accumulate);
        if (rowCount > 3)
            sums3.Write(target + (3 * targetStride), accumulate);
        if (rowCount > 4)
            sums4.Write(target + (4 * targetStride), accumulate);
        if (rowCount > 5)
            sums5.Write(target + (5 * targetStride), accumulate);
        if (rowCount > 6)
            sums6.Write(target + (6 * targetStride), accumulate);
        if (rowCount > 7)
            sums7.Write(target + (7 * targetStride), accumulate);
    }

    /// <summary>Accumulators of one row.</summary>
    private struct Sums
    {
        private TVector _low, _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Add(float factor, TVector low, TVector high)
        {
            var factors = TVectors.Broadcast(factor);
            _low = TVectors.MultiplyAdd(factors, low, _low);
            _high = TVectors.MultiplyAdd(factors, high, _high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly void Write(float* target, bool accumulate)
        {
            TVectors.Store(accumulate ? TVectors.Add(_low, TVectors.Load(target)) : _low, target);
            TVectors.Store(accumulate ? TVectors.Add(_high, TVectors.Load(target + VectorSize)) : _high, target + VectorSize);
        }
    }
}
