namespace ResidualPrompts.Training;

/// <summary>What decides which remedies apply to a run. The defaults are those of prompt tuning on label words.</summary>
internal sealed record RunKind
{
    /// <summary>Whether a network computes the prompt.</summary>
    public bool HasNetwork { get; init; }

    /// <summary>Whether the network omits its skip connection.</summary>
    public bool LacksSkip { get; init; }

    /// <summary>Whether the network could end with a LayerNorm and does not.</summary>
    public bool LacksLayerNorm { get; init; }

    /// <summary>Whether the network has a learning rate of its own.</summary>
    public bool HasNetworkRate { get; init; }

    /// <summary>Whether the prompt starts from the label words.</summary>
    public bool StartsFromLabelWords { get; init; }

    /// <summary>Whether the task has fixed labels with words.</summary>
    public bool HasLabelWords { get; init; } = true;

    /// <summary>Whether the words of the labels may be changed.</summary>
    public bool MayChangeWords { get; init; } = true;

    /// <summary>Learning rate of the prompt's rows; null = not known.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Whether a number of steps ends the run, not its epochs.</summary>
    public bool EndsBySteps { get; init; }

    /// <summary>Whether the learning rate begins with a warm-up.</summary>
    public bool WarmsUp { get; init; }

    /// <summary>Whether gradients are scaled down to a norm.</summary>
    public bool Clips { get; init; }
}
