using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>Self-attention over the rows of a batch by <see cref="BlockedAttention"/>, with its gradient for queries, keys and values.</summary>
internal sealed class OwnAttention : OwnFunction<OwnAttention, OwnAttention.Rest>
{
    /// <summary>Attends within each example.</summary>
    /// <param name="projected">float32[R, 3 · heads · size] on the CPU: queries (times √size), keys and values.</param>
    /// <param name="input">The rest, without gradients.</param>
    /// <returns>float32[R, heads · size]</returns>
    internal static Tensor Attend(Tensor projected, AttentionInput input) =>
        projected.requires_grad && is_grad_enabled() ? Apply(new Rest(input), projected) : Forward(projected, input);

    private protected override Tensor Compute(Tensor[] inputs, Rest call)
    {
        call.Projected = Keep(inputs[0]);
        return Forward(inputs[0], call.Input);
    }

    private protected override unsafe Tensor[] Gradients(Tensor gradient, Rest call)
    {
        using var noGradients = no_grad();
        using var projected = (call.Projected ?? throw new InvalidOperationException("A graph can be gone through once.")).contiguous();
        using var upper = gradient.contiguous();
        var result = call.Input.IsPacked ? empty_like(projected) : zeros_like(projected);
        fixed (float* bias = call.Input.Bias)
        fixed (byte* projectedStart = projected.bytes, upperStart = upper.bytes, start = result.bytes)
        {
            new BlockedAttention(OwnProducts.Kernel, call.Input, bias).Backward(
                Rows(projectedStart, projected), Rows(upperStart, upper), Rows(start, result), get_num_threads());
        }

        call.Projected.Dispose();
        call.Projected = null;
        return [result];
    }

    private static unsafe Tensor Forward(Tensor x, AttentionInput input)
    {
        using var noGradients = no_grad();
        using var projected = x.contiguous();
        var mixed = empty(projected.shape[0], input.InnerSize);
        fixed (float* bias = input.Bias)
        fixed (byte* projectedStart = projected.bytes, start = mixed.bytes)
        {
            new BlockedAttention(OwnProducts.Kernel, input, bias).Forward(
                Rows(projectedStart, projected), Rows(start, mixed), get_num_threads());
        }

        return mixed;
    }

    private static unsafe MatrixPiece Rows(byte* start, Tensor of) => new((float*)start, (nint)of.shape[1]);

    /// <summary>What one call needs for its gradient.</summary>
    /// <param name="input">As it came.</param>
    internal sealed class Rest(AttentionInput input)
    {
        internal AttentionInput Input => input;

        /// <summary>Queries, keys and values, until the gradient has been computed.</summary>
        internal Tensor? Projected { get; set; }
    }
}
