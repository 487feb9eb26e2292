using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>Self-attention over the rows of a batch with <see cref="BlockedAttention"/>, and its gradient for queries, keys and values.</summary>
internal sealed class ManagedAttention : ManagedAutogradFunction<ManagedAttention, AttentionInput>
{
    /// <summary>Attends within each example.</summary>
    /// <param name="projected">float32[R, 3 · heads · size] on the CPU: queries (times √size), keys and values.</param>
    /// <param name="input">The other inputs, without gradients.</param>
    /// <returns>float32[R, heads · size]</returns>
    internal static Tensor Attend(Tensor projected, AttentionInput input) =>
        projected.requires_grad && is_grad_enabled() ? Apply(input, projected) : Forward(projected, input);

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, AttentionInput call) =>
        (Forward(inputs[0], call), [Keep(inputs[0])]);

    private protected override unsafe Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, AttentionInput call)
    {
        using var projected = kept[0].contiguous();
        using var upper = gradient.contiguous();
        var result = call.IsPacked ? empty_like(projected) : zeros_like(projected);
        fixed (float* bias = call.Bias)
        fixed (byte* projectedStart = projected.bytes, upperStart = upper.bytes, start = result.bytes)
        {
            new BlockedAttention(ManagedGemm.Kernel, call, bias).Backward(
                MatrixView.Of(projectedStart, projected.shape[1]), MatrixView.Of(upperStart, upper.shape[1]), MatrixView.Of(start, result.shape[1]),
                get_num_threads());
        }

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
            new BlockedAttention(ManagedGemm.Kernel, input, bias).Forward(
                MatrixView.Of(projectedStart, projected.shape[1]), MatrixView.Of(start, input.InnerSize), get_num_threads());
        }

        return mixed;
    }
}
