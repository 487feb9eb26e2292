using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>
/// mask ⊙ relu(x) in place, and its gradient, which needs only the result. As relu would, it passes over memory once; the mask is never stored.
/// </summary>
internal sealed class DroppedRelu : ManagedAutogradFunction<DroppedRelu, MatrixMask>
{
    /// <summary>Overwrites x with mask ⊙ relu(x).</summary>
    /// <param name="x">float32[R, C] on the CPU, contiguous; no gradient may need its old values.</param>
    /// <param name="mask">The mask.</param>
    /// <returns>x's memory.</returns>
    internal static Tensor Of(Tensor x, MatrixMask mask)
    {
        if (is_grad_enabled() && x.requires_grad)
            return Apply(mask, x);
        Overwrite(x, mask);
        return x;
    }

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, MatrixMask call)
    {
        Overwrite(inputs[0], call);
        return (inputs[0].detach(), [Keep(inputs[0])]);
    }

    private protected override unsafe Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, MatrixMask call)
    {
        using var upper = gradient.contiguous();
        var result = empty_like(upper);
        var size = (int)result.shape[1];
        fixed (byte* of = kept[0].bytes, from = upper.bytes, to = result.bytes)
        {
            float* values = (float*)of, uppers = (float*)from, targets = (float*)to;
            MaskedRows.For((int)result.shape[0], size, get_num_threads(), (_, first) =>
                GradientOfRow(values + first, uppers + first, targets + first, size, call.Kept));
        }

        return [result];
    }

    private static unsafe void Overwrite(Tensor x, MatrixMask mask)
    {
        var size = (int)x.shape[1];
        fixed (byte* start = x.bytes)
        {
            var rows = (float*)start;
            MaskedRows.For((int)x.shape[0], size, get_num_threads(), (row, first) => OverwriteRow(rows + first, row, size, mask));
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void OverwriteRow(float* row, int index, int size, MatrixMask mask)
    {
        var factors = stackalloc float[MatrixMask.PieceSize];
        for (var first = 0; first < size; first += MatrixMask.PieceSize, row += MatrixMask.PieceSize)
        {
            var count = Math.Min(MatrixMask.PieceSize, size - first);
            mask.Fill(index, first, new Span<float>(factors, count));
            var i = 0;
            for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
                (Vector256.Max(Vector256.Load(row + i), Vector256<float>.Zero) * Vector256.Load(factors + i)).Store(row + i);
            for (; i < count; i++)
                row[i] = Math.Max(row[i], 0) * factors[i];
        }
    }

    /// <summary>The kept scale times the gradient where the result is above 0, or is not a number; else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void GradientOfRow(float* values, float* upper, float* target, int size, float scale)
    {
        var i = 0;
        for (; i + Vector256<float>.Count <= size; i += Vector256<float>.Count)
        {
            var isZero = Vector256.LessThanOrEqual(Vector256.Load(values + i), Vector256<float>.Zero);
            Vector256.AndNot(Vector256.Load(upper + i) * scale, isZero).Store(target + i);
        }

        for (; i < size; i++)
            target[i] = values[i] <= 0 ? 0 : upper[i] * scale;
    }
}
