using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>
/// Adafactor (Shazeer and Stern 2018, arXiv 1804.04235) as Lester et al. use it: a given learning rate without parameter scaling, no
/// momentum, decay 1 − t^−0.8, updates clipped at root mean square 1; second moments of a matrix are kept as row and column means.
/// </summary>
/// <param name="groups">The trained parameters with their learning rates.</param>
/// <param name="weightDecay">Decoupled decay of every parameter, relative to the learning rate; applied before the update.</param>
internal sealed class Adafactor(IReadOnlyList<ParameterGroup> groups, double weightDecay) : Optimizer(groups, weightDecay)
{
    private const double Epsilon = 1e-30;
    private const double DecayExponent = -0.8;
    private const double ClipThreshold = 1;

    private protected override IEnumerable<(string Part, Tensor Value)> StartState(Tensor parameter)
    {
        var shape = parameter.shape;
        return shape.Length < 2
            ? [("v", zeros(shape))]
            : [("rows", zeros(shape[..^1])), ("columns", zeros([.. shape[..^2], shape[^1]]))];
    }

    private protected override void Update(string name, Tensor parameter, Tensor gradient, double learningRate)
    {
        var decay = 1 - Math.Pow(StepCount, DecayExponent);
        var square = gradient.square() + Epsilon;
        var update = (gradient.dim() < 2 ? Average($"{name}/v", square, decay).rsqrt() : Factored(name, square, decay)) * gradient;
        var rootMeanSquare = update.norm().item<float>() / Math.Sqrt(update.numel());
        parameter.mul_(1 - (learningRate * WeightDecay));
        parameter.add_(update, alpha: -learningRate / Math.Max(1, rootMeanSquare / ClipThreshold));
    }

    /// <summary>1 / √v, with v the outer product of row and column means over their common mean.</summary>
    private Tensor Factored(string name, Tensor square, double decay)
    {
        var rows = Average($"{name}/rows", square.mean([-1]), decay);
        var columns = Average($"{name}/columns", square.mean([-2]), decay);
        return (rows / rows.mean([-1], keepdim: true)).rsqrt().unsqueeze(-1) * columns.unsqueeze(-2).rsqrt();
    }

    private Tensor Average(string part, Tensor value, double decay) => State[part].mul_(decay).add_(value, alpha: 1 - decay);
}
