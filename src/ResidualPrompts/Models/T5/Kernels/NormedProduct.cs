using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>
/// norm(x) · weightᵀ with its gradient for x, where norm is T5's without a gain. Nothing but x and the weight are kept. The norm by itself would be
/// six operations of libtorch's, and a dozen for its gradient, each of which goes over memory.
/// </summary>
internal sealed class NormedProduct : OwnFunction<NormedProduct, NormedProduct.Operands>
{
    /// <summary>norm(x) · weightᵀ.</summary>
    /// <param name="x">float32[R, K] on the CPU, takes a gradient.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="weight">float32[N, K] on the CPU, takes none.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Apply(Tensor x, double epsilon, Tensor weight) =>
        Apply(new Operands(Keep(x), (float)epsilon, Keep(weight)), x);

    /// <summary>The same without a graph.</summary>
    internal static Tensor Compute(Tensor x, double epsilon, Tensor weight)
    {
        using var normed = Normed(x, (float)epsilon);
        return OwnProducts.Product(normed, weight);
    }

    private protected override Tensor Compute(Tensor[] inputs, Operands call) => Compute(inputs[0], call.Epsilon, call.Weight);

    private protected override unsafe Tensor[] Gradients(Tensor gradient, Operands call)
    {
        using var noGradients = no_grad();
        using (call.X) // nobody needs these handles any more
        using (call.Weight)
        {
            using var x = call.X.contiguous();
            var result = OwnProducts.Gradient(gradient, call.Weight); // of norm(x), and then of x
            fixed (byte* rows = x.bytes, gradients = result.bytes)
                Norm(x, call.Epsilon).Gradient((float*)rows, (float*)gradients, get_num_threads());
            return [result];
        }
    }

    private static unsafe Tensor Normed(Tensor x, float epsilon)
    {
        using var noGradients = no_grad();
        using var source = x.contiguous();
        var normed = empty_like(source);
        fixed (byte* rows = source.bytes, target = normed.bytes)
            Norm(source, epsilon).Apply((float*)rows, (float*)target, get_num_threads());
        return normed;
    }

    private static RowNorm Norm(Tensor x, float epsilon) => new((int)x.shape[0], (int)x.shape[1], epsilon);

    /// <summary>What goes into one call.</summary>
    /// <param name="X">float32[R, K], a handle of its own.</param>
    /// <param name="Epsilon">Added to the mean square.</param>
    /// <param name="Weight">float32[N, K], a handle of its own.</param>
    internal sealed record Operands(Tensor X, float Epsilon, Tensor Weight);
}
