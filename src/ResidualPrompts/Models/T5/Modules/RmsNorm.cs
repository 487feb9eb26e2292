using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>T5's layer norm (<see cref="TensorOps.Norm"/>). The gain is null where preparation has folded it into the following weights.</summary>
internal sealed class RmsNorm(Tensor? gain, double epsilon)
{
    internal Tensor? Gain => gain;

    internal double Epsilon => epsilon;

    internal Tensor Forward(Tensor x, TensorOps ops) => ops.Norm(x, gain, epsilon); // [..., H] → [..., H]
}
