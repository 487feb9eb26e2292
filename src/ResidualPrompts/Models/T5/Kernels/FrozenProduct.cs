using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>x · weightᵀ of <see cref="OwnProducts"/> with its gradient for x, for which nothing but the weight is kept.</summary>
internal sealed class FrozenProduct : OwnFunction<FrozenProduct, FrozenProduct.Operand>
{
    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">float32[R, K], takes a gradient.</param>
    /// <param name="weight">float32[N, K], takes none.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Apply(Tensor x, Tensor weight) => Apply(new Operand(Keep(weight)), x);

    private protected override Tensor Compute(Tensor[] inputs, Operand call) => OwnProducts.Product(inputs[0], call.Weight);

    private protected override Tensor[] Gradients(Tensor gradient, Operand call)
    {
        using (call.Weight) // nobody needs this handle any more
            return [OwnProducts.Gradient(gradient, call.Weight)];
    }

    /// <summary>The frozen side.</summary>
    /// <param name="Weight">float32[N, K], a handle of its own.</param>
    internal sealed record Operand(Tensor Weight);
}
