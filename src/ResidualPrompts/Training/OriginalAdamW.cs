using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>
/// AdamW by the rule of the transformers 4.20 class that the original used (its source is the only description): with moments m and v,
/// p −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε), then p −= lr · weight decay · p. Unlike in torch's AdamW ε is added before the bias
/// correction and decay comes after the update.
/// </summary>
public sealed class OriginalAdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly double _weightDecay;
    private readonly Dictionary<string, Tensor> _state = [];

    /// <summary>Makes an optimizer over parameters that take gradients.</summary>
    /// <param name="groups">What trains at which rate.</param>
    /// <param name="weightDecay">Decoupled decay of every parameter, relative to the learning rate.</param>
    public OriginalAdamW(IReadOnlyList<ParameterGroup> groups, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(groups);
        using var scope = NewDisposeScope();
        (_groups, _weightDecay) = (groups, weightDecay);
        foreach (var (name, parameter) in Parameters)
        {
            _state[$"{name}/m"] = zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();
            _state[$"{name}/v"] = zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();
        }
    }

    /// <summary>Updates made so far, t.</summary>
    public long StepCount { get; private set; }

    /// <summary>Moments of each parameter, <c>NAME/m</c> and <c>NAME/v</c>, for a resume checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>Everything that trains.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters => _groups.SelectMany(group => group.Parameters);

    /// <summary>The largest learning rate of all groups.</summary>
    public double LargestLearningRate => _groups.Max(group => group.LearningRate);

    /// <summary>Goes on where another run stopped.</summary>
    /// <param name="state">What <see cref="State"/> was.</param>
    /// <param name="stepCount">What <see cref="StepCount"/> was.</param>
    /// <exception cref="ArgumentException">A moment is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> state, long stepCount)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var noGradients = no_grad();
        foreach (var (name, moment) in _state)
        {
            if (!state.TryGetValue(name, out var stored) || !stored.shape.AsSpan().SequenceEqual(moment.shape))
                throw new ArgumentException($"Optimizer state {name} is missing or not of shape [{string.Join(", ", moment.shape)}].", nameof(state));
            moment.copy_(stored);
        }

        StepCount = stepCount;
    }

    /// <summary>Forgets the gradients of the last step.</summary>
    public void ZeroGradients()
    {
        using var scope = NewDisposeScope(); // each look at a gradient is a tensor of its own
        foreach (var (_, parameter) in Parameters)
            parameter.grad?.zero_();
    }

    /// <summary>One update of every parameter that has a gradient.</summary>
    public void Step()
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        StepCount++;
        var correction = Math.Sqrt(1 - Math.Pow(Beta2, StepCount)) / (1 - Math.Pow(Beta1, StepCount));
        foreach (var group in _groups)
        {
            foreach (var (name, parameter) in group.Parameters)
            {
                if (parameter.grad is not { } gradient)
                    continue;
                var (m, v) = (_state[$"{name}/m"], _state[$"{name}/v"]);
                m.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
                v.mul_(Beta2).addcmul_(gradient, gradient, value: 1 - Beta2);
                parameter.addcdiv_(m, v.sqrt().add_(Epsilon), value: -group.LearningRate * correction);
                parameter.mul_(1 - (group.LearningRate * _weightDecay));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var moment in _state.Values)
            moment.Dispose();
    }
}
