using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>
/// AdamW by torch's rule (Loshchilov and Hutter 2019, arXiv 1711.05101): p −= lr · weight decay · p first, then
/// p −= lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
/// </summary>
/// <param name="groups">The trained parameters with their learning rates.</param>
/// <param name="weightDecay">Decoupled decay of every parameter, relative to the learning rate.</param>
internal sealed class TorchAdamW(IReadOnlyList<ParameterGroup> groups, double weightDecay) : AdamMoments(groups, weightDecay)
{
    private protected override void Update(string name, Tensor parameter, Tensor gradient, double learningRate)
    {
        parameter.mul_(1 - (learningRate * WeightDecay));
        var (m, v) = Moments(name, gradient);
        var denominator = (v.sqrt() / Math.Sqrt(1 - Math.Pow(Beta2, StepCount))).add_(Epsilon);
        parameter.addcdiv_(m, denominator, value: -learningRate / (1 - Math.Pow(Beta1, StepCount)));
    }
}
