using System.Runtime.CompilerServices;

namespace ResidualPrompts.Compute.Int8;

/// <summary>The micro-kernel for one instruction set.</summary>
/// <remarks>Taking the address of a sum would spill it from its register, so the method with the loop calls only inlined methods.</remarks>
/// <typeparam name="TVectors">The instruction set.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
internal sealed unsafe class Int8VectorMicroKernel<TVectors, TVector> : Int8MicroKernel
    where TVectors : struct, IByteVectors<TVector>
    where TVector : unmanaged
{
    private static int VectorWidth => sizeof(TVector) / sizeof(int); // columns

    private static int Width => 2 * VectorWidth;

    internal override string Name => TVectors.Name;

    internal override int MR => TVectors.MR;

    internal override int NR => Width;

    internal override int LargestByte => TVectors.LargestByte;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Multiply(Int8RowView rows, int rowCount, Int8Panel panel, nint height, float* target, nint targetStride)
    {
        Sums sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default, sums5 = default, sums6 = default, sums7 = default;

        // Missing rows alias row 0; their sums are discarded.
        byte* row0 = rows.Values, row1 = row0 + (rowCount > 1 ? rows.Stride : 0), row2 = row0 + (rowCount > 2 ? 2 * rows.Stride : 0);
        byte* row3 = row0 + (rowCount > 3 ? 3 * rows.Stride : 0), row4 = row0 + (rowCount > 4 ? 4 * rows.Stride : 0);
        byte* row5 = row0 + (rowCount > 5 ? 5 * rows.Stride : 0);
        byte* row6 = row0 + (rowCount > 6 ? 6 * rows.Stride : 0), row7 = row0 + (rowCount > 7 ? 7 * rows.Stride : 0);
        var values = panel.Values;
        for (nint at = 0; height > 0; height--, at += Depth, values += Width * Depth)
        {
            var left = TVectors.Load(values);
            var right = TVectors.Load(values + sizeof(TVector));
            sums0.Add(row0 + at, left, right);
            sums1.Add(row1 + at, left, right);
            sums2.Add(row2 + at, left, right);
            sums3.Add(row3 + at, left, right);
            sums4.Add(row4 + at, left, right);
            sums5.Add(row5 + at, left, right);
            if (TVectors.MR == 8) // a constant for the JIT compiler
            {
                sums6.Add(row6 + at, left, right);
                sums7.Add(row7 + at, left, right);
            }
        }

        sums0.Write(rows, panel, target);
        if (rowCount > 1)
            sums1.Write(rows.From(1), panel, target + targetStride);
        if (rowCount > 2)
            sums2.Write(rows.From(2), panel, target + (2 * targetStride));
        if (rowCount > 3)
            sums3.Write(rows.From(3), panel, target + (3 * targetStride));
        if (rowCount > 4)
            sums4.Write(rows.From(4), panel, target + (4 * targetStride));
        if (rowCount > 5)
            sums5.Write(rows.From(5), panel, target + (5 * targetStride));
        if (rowCount > 6)
            sums6.Write(rows.From(6), panel, target + (6 * targetStride));
        if (rowCount > 7)
            sums7.Write(rows.From(7), panel, target + (7 * targetStride));
    }

    /// <summary>Accumulators of one row.</summary>
    private struct Sums
    {
        private TVector _left, _right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Add(byte* neighbours, TVector left, TVector right)
        {
            var factors = Unsafe.ReadUnaligned<int>(neighbours);
            _left = TVectors.MultiplyAdd(factors, left, _left);
            _right = TVectors.MultiplyAdd(factors, right, _right);
        }

        /// <summary>Σ s(x) (x − z) s(w) w = s(x) s(w) (Σ x w − z Σ w)</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly void Write(Int8RowView row, Int8Panel panel, float* target)
        {
            TVectors.Store(_left, *row.Scales, *row.ZeroPoints, panel.Scales, panel.Sums, target);
            TVectors.Store(_right, *row.Scales, *row.ZeroPoints, panel.Scales + VectorWidth, panel.Sums + VectorWidth, target + VectorWidth);
        }
    }
}
