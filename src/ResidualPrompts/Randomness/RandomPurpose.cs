namespace ResidualPrompts.Randomness;

/// <summary>
/// What random numbers are for. Each purpose has its own, so that none of them moves another. The values are part of the order of a run and
/// never change.
/// </summary>
public enum RandomPurpose
{
    /// <summary>The order of the training data in an epoch.</summary>
    TrainingOrder = 0,

    /// <summary>Which rows are held out for validation.</summary>
    ValidationSplit = 1,

    /// <summary>Which rows a few-shot run trains on.</summary>
    FewShot = 2,

    /// <summary>Which half of the validation rows becomes the test split.</summary>
    TestSplit = 3,

    /// <summary>Which rows of the validation split are kept when it is limited.</summary>
    ValidationLimit = 4,
}
