using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Int8;

/// <summary>The micro-kernel for one instruction set.</summary>
/// <remarks>Taking the address of a sum would spill it from its register, so the method with the loop calls only inlined methods.</remarks>
/// <typeparam name="TVectors">The instruction set.</typeparam>
internal sealed unsafe class Int8VectorMicroKernel<TVectors> : Int8MicroKernel
    where TVectors : struct, IByteVectors
{
    private const int VectorWidth = NR / 2; // columns

    internal override string Name => TVectors.Name;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Multiply(Int8RowView rows, int rowCount, Int8Panel panel, nint height, float* target, nint targetStride)
    {
        Sums sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default, sums5 = default;

        // Missing rows alias row 0; their sums are discarded.
        byte* row0 = rows.Values, row1 = row0 + (rowCount > 1 ? rows.Stride : 0), row2 = row0 + (rowCount > 2 ? 2 * rows.Stride : 0);
        byte* row3 = row0 + (rowCount > 3 ? 3 * rows.Stride : 0), row4 = row0 + (rowCount > 4 ? 4 * rows.Stride : 0);
        byte* row5 = row0 + (rowCount > 5 ? 5 * rows.Stride : 0);
        var values = panel.Values;
        for (nint at = 0; height > 0; height--, at += Depth, values += NR * Depth)
        {
            var left = Vector256.Load(values);
            var right = Vector256.Load(values + (VectorWidth * Depth));
            sums0.Add(row0 + at, left, right);
            sums1.Add(row1 + at, left, right);
            sums2.Add(row2 + at, left, right);
            sums3.Add(row3 + at, left, right);
            sums4.Add(row4 + at, left, right);
            sums5.Add(row5 + at, left, right);
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
    }

    /// <summary>Accumulators of one row.</summary>
    private struct Sums
    {
        private Vector256<int> _left, _right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Add(byte* neighbours, Vector256<sbyte> left, Vector256<sbyte> right)
        {
            var factors = Vector256.Create(Unsafe.ReadUnaligned<int>(neighbours)).AsByte();
            _left = TVectors.MultiplyAdd(factors, left, _left);
            _right = TVectors.MultiplyAdd(factors, right, _right);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly void Write(Int8RowView row, Int8Panel panel, float* target)
        {
            Scaled(_left, row, panel.Scales, panel.Sums).Store(target);
            Scaled(_right, row, panel.Scales + VectorWidth, panel.Sums + VectorWidth).Store(target + VectorWidth);
        }

        /// <summary>Σ s(x) (x − z) s(w) w = s(x) s(w) (Σ x w − z Σ w)</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Scaled(Vector256<int> products, Int8RowView row, float* scales, int* sums) =>
            Vector256.ConvertToSingle(products - (Vector256.Create(*row.ZeroPoints) * Vector256.Load(sums)))
            * (Vector256.Create(*row.Scales) * Vector256.Load(scales));
    }
}
