using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>T5's norm without a gain, with its gradient: <see cref="RowNorm"/> of tensors. Only x is kept.</summary>
internal sealed class ManagedNorm : ManagedAutogradFunction<ManagedNorm, ManagedNorm.Settings>
{
    /// <summary>norm(x), with a gradient for x.</summary>
    /// <param name="x">float32[..., K] on the CPU.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>float32, the shape of x.</returns>
    internal static Tensor Norm(Tensor x, double epsilon) =>
        x.requires_grad && is_grad_enabled() ? Apply(new Settings((float)epsilon), x) : Forward(x, epsilon);

    /// <summary>norm(x) without a graph.</summary>
    internal static unsafe Tensor Forward(Tensor x, double epsilon)
    {
        using var noGradients = no_grad();
        using var source = x.contiguous();
        var normed = empty_like(source);
        fixed (byte* rows = source.bytes, target = normed.bytes)
            Rows(source, (float)epsilon).Apply((float*)rows, (float*)target, get_num_threads());
        return normed;
    }

    /// <summary>Overwrites the gradient of norm(x) with that of x.</summary>
    /// <param name="x">float32[..., K], contiguous.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="gradient">Contiguous, the shape of x; written.</param>
    internal static unsafe void Backward(Tensor x, float epsilon, Tensor gradient)
    {
        fixed (byte* rows = x.bytes, gradients = gradient.bytes)
            Rows(x, epsilon).Gradient((float*)rows, (float*)gradients, get_num_threads());
    }

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Settings call) =>
        (Forward(inputs[0], call.Epsilon), [Keep(inputs[0])]);

    private protected override Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Settings call)
    {
        using var x = kept[0].contiguous();
        var result = empty_like(x).copy_(gradient);
        Backward(x, call.Epsilon, result);
        return [result];
    }

    private static RowNorm Rows(Tensor x, float epsilon) => new((int)(x.numel() / x.shape[^1]), (int)x.shape[^1], epsilon);

    /// <summary>What the graph keeps besides x.</summary>
    /// <param name="Epsilon">Added to the mean square.</param>
    internal sealed record Settings(float Epsilon);
}
