using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute;

/// <summary>x · weightᵀ whose gradient throws on demand.</summary>
internal sealed class FailingLinear : ManagedAutogradFunction<FailingLinear, FailingLinear.Operand>
{
    internal static Tensor Apply(Tensor x, Tensor weight, Func<bool> fails) => Apply(new Operand(weight, fails), x);

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Operand call)
    {
        using var noGradients = no_grad();
        return (nn.functional.linear(inputs[0], call.Weight), [Keep(call.Weight)]);
    }

    private protected override Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Operand call) =>
        call.Fails() ? throw new ArithmeticException("the kernel failed") : [gradient.matmul(kept[0])];

    internal sealed record Operand(Tensor Weight, Func<bool> Fails);
}
