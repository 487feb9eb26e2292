namespace ResidualPrompts.Randomness;

/// <summary>
/// Purposes of random orders. Each has its own numbers, so that no purpose shifts those of another. The values determine the order of a run and must
/// never change.
/// </summary>
internal enum RandomPurpose
{
    /// <summary>Order of the training data in an epoch.</summary>
    TrainingOrder = 0,

    /// <summary>Rows held out for validation.</summary>
    ValidationSplit = 1,

    /// <summary>Rows of a few-shot run.</summary>
    FewShot = 2,

    /// <summary>The half of the validation rows that becomes the test split.</summary>
    TestSplit = 3,

    /// <summary>Rows kept when the validation split is limited.</summary>
    ValidationLimit = 4,
}
