using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// norm(x) · weightᵀ with its gradient for x, where norm is T5's without a gain. Only x and the weight are kept. As separate operations of
/// libtorch, the norm would take six, and its gradient a dozen, each a pass over memory.
/// </summary>
internal sealed class NormedGemm : ManagedAutogradFunction<NormedGemm, NormedGemm.Operand>
{
    /// <summary>norm(x) · weightᵀ.</summary>
    /// <param name="x">float32[R, K] on the CPU, takes a gradient.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="weight">float32[N, K] on the CPU, takes none.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Apply(Tensor x, double epsilon, Tensor weight) => Apply(new Operand(weight, (float)epsilon), x);

    /// <summary>norm(x) · weightᵀ without a graph.</summary>
    internal static Tensor Compute(Tensor x, double epsilon, Tensor weight)
    {
        using var normed = ManagedNorm.Forward(x, epsilon);
        return ManagedGemm.Product(normed, weight);
    }

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Operand call) =>
        (Compute(inputs[0], call.Epsilon, call.Weight), [Keep(inputs[0]), Keep(call.Weight)]);

    private protected override Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Operand call)
    {
        using var x = kept[0].contiguous();
        var result = ManagedGemm.Gradient(gradient, kept[1]); // of norm(x), and then of x
        ManagedNorm.Backward(x, call.Epsilon, result);
        return [result];
    }

    /// <summary>The frozen operand.</summary>
    /// <param name="Weight">float32[N, K]</param>
    /// <param name="Epsilon">Added to the mean square.</param>
    internal sealed record Operand(Tensor Weight, float Epsilon);
}
