using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>x · weightᵀ of <see cref="ManagedGemm"/> with its gradient for x, which needs only the weight.</summary>
internal sealed class FrozenGemm : ManagedAutogradFunction<FrozenGemm, FrozenGemm.Operand>
{
    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">float32[R, K], takes a gradient.</param>
    /// <param name="weight">float32[N, K], takes none.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Apply(Tensor x, Tensor weight) => Apply(new Operand(weight), x);

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Operand call) =>
        (ManagedGemm.Product(inputs[0], call.Weight), [Keep(call.Weight)]);

    private protected override Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Operand call) =>
        [ManagedGemm.Gradient(gradient, kept[0])];

    /// <summary>The frozen operand.</summary>
    /// <param name="Weight">float32[N, K]</param>
    internal sealed record Operand(Tensor Weight);
}
