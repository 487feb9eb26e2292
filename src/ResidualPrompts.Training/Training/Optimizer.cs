using ResidualPrompts.Models.T5;
using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>An update rule over groups of parameters, with its state by name, so that a resumed run continues with the same numbers.</summary>
internal abstract class Optimizer : IDisposable
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly Dictionary<string, Tensor> _state = [];

    private protected Optimizer(IReadOnlyList<ParameterGroup> groups, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(groups);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        (_groups, WeightDecay) = (groups, weightDecay);
        foreach (var (name, parameter) in Parameters)
        {
            foreach (var (part, value) in StartState(parameter))
                _state[$"{name}/{part}"] = value.DetachFromDisposeScope();
        }
    }

    /// <summary>Updates made so far, t.</summary>
    public long StepCount { get; private set; }

    /// <summary>The rule's state of each parameter, by <c>NAME/part</c>, for a resume checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>All trained parameters.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters => _groups.SelectMany(group => group.Parameters);

    /// <summary>The largest learning rate of all groups.</summary>
    public double LargestLearningRate => _groups.Max(group => group.LearningRate);

    /// <summary>Decoupled decay of every parameter, relative to the learning rate.</summary>
    protected double WeightDecay { get; }

    /// <summary>Continues from the state of another run.</summary>
    /// <param name="state">The other run's <see cref="State"/>.</param>
    /// <param name="stepCount">The other run's <see cref="StepCount"/>.</param>
    /// <exception cref="ArgumentException">A part is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> state, long stepCount)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var noGradients = no_grad();
        foreach (var (name, part) in _state)
        {
            if (!state.TryGetValue(name, out var stored) || !stored.shape.AsSpan().SequenceEqual(part.shape))
                throw new ArgumentException($"Optimizer state {name} is missing or not of shape [{string.Join(", ", part.shape)}].", nameof(state));
            part.copy_(stored);
        }

        StepCount = stepCount;
    }

    /// <summary>Clears the gradients of the last step.</summary>
    public void ZeroGradients()
    {
        using var scope = NewDisposeScope(); // each access to a gradient creates a tensor
        foreach (var (_, parameter) in Parameters)
            parameter.grad?.zero_();
    }

    /// <summary>One update of every parameter that has a gradient.</summary>
    /// <param name="factor">The schedule's factor of all learning rates in this step.</param>
    public void Step(double factor = 1)
    {
        T5Model.ThrowIfBackwardFailed(); // before a step with wrong gradients
        using var noGradients = no_grad();
        StepCount++;
        foreach (var group in _groups)
        {
            foreach (var (name, parameter) in group.Parameters)
            {
                using var scope = NewDisposeScope();
                if (parameter.grad is { } gradient)
                    Update(name, parameter, gradient, group.LearningRate * factor);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _state.Values)
            part.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The rule's state of a parameter before its first update.</summary>
    private protected abstract IEnumerable<(string Part, Tensor Value)> StartState(Tensor parameter);

    /// <summary>One update in place.</summary>
    private protected abstract void Update(string name, Tensor parameter, Tensor gradient, double learningRate);
}
