using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>
/// AdamW by the rule of the transformers 4.20 class that the original used (its source is the only description): with moments m and v,
/// p −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε), then p −= lr · weight decay · p. Unlike in torch's AdamW, ε is added before the bias
/// correction and decay comes after the update.
/// </summary>
/// <param name="groups">The trained parameters with their learning rates.</param>
/// <param name="weightDecay">Decoupled decay of every parameter, relative to the learning rate.</param>
internal sealed class OriginalAdamW(IReadOnlyList<ParameterGroup> groups, double weightDecay) : AdamMoments(groups, weightDecay)
{
    private protected override void Update(string name, Tensor parameter, Tensor gradient, double learningRate)
    {
        var (m, v) = Moments(name, gradient);
        var correction = Math.Sqrt(1 - Math.Pow(Beta2, StepCount)) / (1 - Math.Pow(Beta1, StepCount));
        parameter.addcdiv_(m, v.sqrt().add_(Epsilon), value: -learningRate * correction);
        parameter.mul_(1 - (learningRate * WeightDecay));
    }
}
