using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>The common part of both AdamW rules: the moments m and v with decay 0.9 and 0.999, and epsilon 1e-8.</summary>
internal abstract class AdamMoments : Optimizer
{
    private protected const double Beta1 = 0.9;
    private protected const double Beta2 = 0.999;
    private protected const double Epsilon = 1e-8;

    private protected AdamMoments(IReadOnlyList<ParameterGroup> groups, double weightDecay)
        : base(groups, weightDecay)
    {
    }

    private protected sealed override IEnumerable<(string Part, Tensor Value)> StartState(Tensor parameter) =>
        [("m", zeros_like(parameter, requires_grad: false)), ("v", zeros_like(parameter, requires_grad: false))];

    private protected (Tensor M, Tensor V) Moments(string name, Tensor gradient)
    {
        var (m, v) = (State[$"{name}/m"], State[$"{name}/v"]);
        m.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
        v.mul_(Beta2).addcmul_(gradient, gradient, value: 1 - Beta2);
        return (m, v);
    }
}
