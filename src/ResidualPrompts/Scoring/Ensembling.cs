namespace ResidualPrompts.Scoring;

/// <summary>How to combine the scores of several prompts.</summary>
internal enum Ensembling
{
    /// <summary>The label with the highest mean log-likelihood; probabilities are the softmax of the means.</summary>
    MeanLogLikelihood,

    /// <summary>
    /// The label that most prompts choose; at a tie, the one with the higher mean log-likelihood. Probabilities are the vote shares.
    /// </summary>
    Vote,

    /// <summary>
    /// The label with the highest mean probability; the probabilities are the means, and the scores their logarithms.
    /// </summary>
    MeanProbability,
}
