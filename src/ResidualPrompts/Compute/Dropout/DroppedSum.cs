using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>
/// x + mask ⊙ rows, and its gradients. The mask is generated where it is used, forward and backward, and never stored. With libtorch it
/// would be a tensor that the graph keeps, and the gradient two passes over memory.
/// </summary>
internal sealed class DroppedSum : ManagedAutogradFunction<DroppedSum, DroppedSum.Operands>
{
    /// <summary>x + mask ⊙ rows.</summary>
    /// <param name="x">float32[R, C] on the CPU, or null for 0.</param>
    /// <param name="rows">float32[R, C] on the CPU.</param>
    /// <param name="mask">The mask.</param>
    /// <returns>float32[R, C]</returns>
    internal static Tensor Of(Tensor? x, Tensor rows, MatrixMask mask)
    {
        var call = new Operands(mask, x is not null);
        if (!is_grad_enabled() || !(rows.requires_grad || x is { requires_grad: true }))
            return Sum(x, rows, call);
        return x is null ? Apply(call, rows) : Apply(call, x, rows);
    }

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Operands call) =>
        (Sum(call.HasX ? inputs[0] : null, inputs[^1], call), []);

    private protected override Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Operands call)
    {
        var ofRows = Sum(null, gradient, call);
        return call.HasX ? [gradient.detach(), ofRows] : [ofRows];
    }

    private static unsafe Tensor Sum(Tensor? x, Tensor rows, Operands call)
    {
        using var noGradients = no_grad();
        using var source = rows.contiguous();
        using var added = x?.contiguous();
        var (rowCount, size) = ((int)source.shape[0], (int)source.shape[1]);
        var result = empty(source.shape);
        fixed (byte* from = source.bytes, to = result.bytes, plus = added is null ? default : added.bytes)
        {
            float* rowsStart = (float*)from, start = (float*)to, xStart = (float*)plus;
            MaskedRows.For(rowCount, size, get_num_threads(), (row, first) =>
                SumRow(xStart is null ? null : xStart + first, rowsStart + first, start + first, row, size, call));
        }

        return result;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void SumRow(float* x, float* row, float* target, int index, int size, Operands call)
    {
        var factors = stackalloc float[MatrixMask.PieceSize];
        for (var first = 0; first < size; first += MatrixMask.PieceSize)
        {
            var count = Math.Min(MatrixMask.PieceSize, size - first);
            call.Mask.Fill(index, first, new Span<float>(factors, count));
            var i = 0;
            for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
            {
                var dropped = Vector256.Load(factors + i) * Vector256.Load(row + first + i);
                (x is null ? dropped : dropped + Vector256.Load(x + first + i)).Store(target + first + i);
            }

            for (; i < count; i++)
                target[first + i] = (factors[i] * row[first + i]) + (x is null ? 0 : x[first + i]);
        }
    }

    /// <summary>What is not a tensor.</summary>
    /// <param name="Mask">The mask.</param>
    /// <param name="HasX">Whether there is an x.</param>
    internal sealed record Operands(MatrixMask Mask, bool HasX);
}
