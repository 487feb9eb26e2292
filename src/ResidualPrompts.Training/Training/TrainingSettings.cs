namespace ResidualPrompts.Training;

/// <summary>The settings of the training loop.</summary>
internal sealed record TrainingSettings
{
    /// <summary>Passes over the training data, if <see cref="MaxSteps"/> allows so many.</summary>
    public int EpochCount { get; init; } = int.MaxValue;

    /// <summary>Largest number of updates.</summary>
    public long MaxSteps { get; init; } = long.MaxValue;

    /// <summary>Examples of one forward pass.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Forward passes whose gradients make one update; equal to one batch of all their examples.</summary>
    public int AccumulationCount { get; init; } = 1;

    /// <summary>Largest L2 norm of all gradients together; null = no clipping.</summary>
    public double? LargestGradientNorm { get; init; }

    /// <summary>How learning rates change over the steps.</summary>
    public Schedule Schedule { get; init; } = new();

    /// <summary>Dropout rate of the backbone while training.</summary>
    public double BackboneDropout { get; init; }

    /// <summary>Dropout rate inside the prompt's network while training.</summary>
    public double NetworkDropout { get; init; }

    /// <summary>Whether the encoder's blocks are recomputed for their gradients instead of kept in memory: less memory, more time.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Whether each epoch has a new order; else the order of the data.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Epochs between evaluations; the last step is always evaluated.</summary>
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Steps between evaluations, in place of <see cref="EvaluateEvery"/>; null = by epochs.</summary>
    public long? EvaluateEverySteps { get; init; }

    /// <summary>Evaluations without improvement before training stops; null = never stop early.</summary>
    public int? Patience { get; init; }

    /// <summary>The run's seed.</summary>
    public long Seed { get; init; }

    /// <summary>Updates of one pass over the training data.</summary>
    /// <param name="exampleCount">Training examples.</param>
    public int StepsPerEpoch(int exampleCount) => (exampleCount + (BatchSize * AccumulationCount) - 1) / (BatchSize * AccumulationCount);

    /// <summary>The last update, unless patience ends the run earlier.</summary>
    /// <param name="exampleCount">Training examples.</param>
    public long LastStep(int exampleCount) => Math.Min((long)EpochCount * StepsPerEpoch(exampleCount), MaxSteps);
}
