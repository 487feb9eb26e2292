using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>
/// The trained parts of a run: a prompt before a frozen T5, all weights of a T5 without a prompt (full model tuning), or a prompt and some
/// weights. It borrows both and disposes neither.
/// </summary>
internal sealed class TrainedParts
{
    private readonly Dictionary<string, Tensor> _weights;

    /// <summary>Selects the trained parts; all other weights of the model are frozen.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="prompt">The prompt, or null for full model tuning.</param>
    /// <param name="trainsWeight">Decides by Hugging Face key which weights train; null = none.</param>
    public TrainedParts(T5Model model, SoftPrompt? prompt, Func<string, bool>? trainsWeight = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Train(trainsWeight ?? (_ => false));
        foreach (var parameter in prompt?.Parameters.Values ?? [])
            parameter.requires_grad_(true);
        Prompt = prompt;
        Model = new PromptedT5(model, prompt);
        _weights = model.Weights.Where(pair => pair.Value.requires_grad).ToDictionary();
        Parameters = _weights.Concat(prompt?.Parameters ?? new Dictionary<string, Tensor>()).ToDictionary();
    }

    /// <summary>The model with the prompt in its training form.</summary>
    public PromptedT5 Model { get; }

    /// <summary>The prompt, or null.</summary>
    public SoftPrompt? Prompt { get; }

    /// <summary>All trained parameters by name: weights by their Hugging Face key, the prompt's parameters by their own name.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>Number of trained parameters.</summary>
    public long ParameterCount => Parameters.Values.Sum(parameter => parameter.numel());

    /// <summary>Whether weights of the T5 train.</summary>
    public bool TrainsWeights => _weights.Count > 0;

    /// <summary>
    /// Copies of the current release: the folded prompt under <see cref="SoftPrompt.RowsName"/>, its rows before the network under
    /// <see cref="SoftPrompt.RawRowsName"/>, and the trained weights.
    /// </summary>
    public TrainedSnapshot Release()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var tensors = _weights.ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone().DetachFromDisposeScope());
        if (Prompt is not null)
        {
            using var folded = Prompt.Fold();
            tensors[SoftPrompt.RowsName] = folded.Forward().clone().DetachFromDisposeScope();
            if (Prompt is not PlainPrompt)
                tensors[SoftPrompt.RawRowsName] = Prompt.Parameters[SoftPrompt.RowsName].detach().clone().DetachFromDisposeScope();
        }

        return new TrainedSnapshot(tensors);
    }

    /// <summary>Names and shapes of what <see cref="Release()"/> copies.</summary>
    public IReadOnlyDictionary<string, long[]> ReleaseShapes()
    {
        var shapes = _weights.ToDictionary(pair => pair.Key, pair => pair.Value.shape);
        if (Prompt is not null)
        {
            shapes[SoftPrompt.RowsName] = [Prompt.VirtualTokenCount, Prompt.HiddenSize];
            if (Prompt is not PlainPrompt)
                shapes[SoftPrompt.RawRowsName] = Prompt.Parameters[SoftPrompt.RowsName].shape;
        }

        return shapes;
    }

    /// <summary>Copies released weights into the model and returns the released prompt, or null when there is none.</summary>
    /// <param name="release">A result of <see cref="Release()"/>.</param>
    public PlainPrompt? Restore(TrainedSnapshot release)
    {
        ArgumentNullException.ThrowIfNull(release);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, weight) in _weights)
            weight.copy_(release.Tensors[name]);
        return Prompt is null ? null : new PlainPrompt(release.Tensors[SoftPrompt.RowsName].clone());
    }
}
