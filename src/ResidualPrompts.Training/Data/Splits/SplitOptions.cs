namespace ResidualPrompts.Data.Splits;

/// <summary>How rows are chosen for training, validation and test.</summary>
public sealed record SplitOptions
{
    /// <summary>The seed of few-shot selection unless another is given: every run of a task trains on the same rows.</summary>
    public const long DefaultFewShotSeed = 0;

    /// <summary>The share of training rows held out where a data set has no validation split, from 0 (none) to less than 1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>The run's seed: which rows are held out for validation.</summary>
    public long Seed { get; init; }

    /// <summary>Train on so many rows of each class; null = on all.</summary>
    public int? FewShotPerClass { get; init; }

    /// <summary>The seed of few-shot selection and of <see cref="ValidationPerClass"/>.</summary>
    public long FewShotSeed { get; init; } = DefaultFewShotSeed;

    /// <summary>Halve the validation split: the first half validates, the second becomes the test split. The halves do not depend on the seed.</summary>
    public bool TestFromValidation { get; init; }

    /// <summary>
    /// Hold validation rows out of the training rows even where there is a validation split, which then is the test split: how results are
    /// reported on data sets whose test split has no labels.
    /// </summary>
    public bool ValidationFromTrain { get; init; }

    /// <summary>Validate on so many rows of each class, or on so many groups where rows belong together; null = on all.</summary>
    public int? ValidationPerClass { get; init; }
}
