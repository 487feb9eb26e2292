namespace ResidualPrompts.Data.Splits;

/// <summary>How rows are selected for training, validation and test.</summary>
internal sealed record SplitOptions
{
    /// <summary>The default seed of few-shot selection: every run of a task trains on the same rows.</summary>
    public const long DefaultFewShotSeed = 0;

    /// <summary>The share of training rows held out where a data set has no validation split, from 0 (none) to less than 1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>The seed of the rows held out for validation.</summary>
    public long Seed { get; init; }

    /// <summary>The seed of the halves of <see cref="TestFromValidation"/>; its default gives every run of a task the same test rows.</summary>
    public long HalvingSeed { get; init; }

    /// <summary>Training rows per class; null = all.</summary>
    public int? FewShotPerClass { get; init; }

    /// <summary>The seed of few-shot selection and of <see cref="ValidationPerClass"/>.</summary>
    public long FewShotSeed { get; init; } = DefaultFewShotSeed;

    /// <summary>
    /// Split the validation split in half: the first half validates, the second is the test split.
    /// </summary>
    public bool TestFromValidation { get; init; }

    /// <summary>
    /// Hold validation rows out of the training rows even if there is a validation split, which then is the test split. Results on data sets
    /// without labels in the test split are often reported this way.
    /// </summary>
    public bool ValidationFromTrain { get; init; }

    /// <summary>Validation rows per class, or groups where rows belong together; null = all.</summary>
    public int? ValidationPerClass { get; init; }
}
