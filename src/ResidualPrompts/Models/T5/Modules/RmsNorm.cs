using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>
/// T5's layer norm: x · gain / sqrt(mean(x²) + epsilon), without mean subtraction or bias; the mean square in float32. The gain is null
/// where preparation has folded it into the weights that follow.
/// </summary>
internal sealed class RmsNorm(Tensor? gain, double epsilon)
{
    internal bool HasGain => gain is not null;

    internal double Epsilon => epsilon;

    internal Tensor Forward(Tensor x) // [..., H] → [..., H]
    {
        var meanSquare = x.to_type(ScalarType.Float32).square().mean([-1], keepdim: true); // [..., 1]
        var normed = (x * rsqrt(meanSquare.add_(epsilon))).to_type(x.dtype);
        return gain is null ? normed : gain * normed;
    }
}
