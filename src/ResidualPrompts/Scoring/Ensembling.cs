namespace ResidualPrompts.Scoring;

/// <summary>How the scores of several prompts become one answer.</summary>
public enum Ensembling
{
    /// <summary>The label of the highest mean log-likelihood; probabilities are the softmax of these means.</summary>
    MeanLogLikelihood,

    /// <summary>
    /// The label that most prompts choose, the higher mean log-likelihood at a tie; probabilities are the shares of the votes.
    /// </summary>
    Vote,
}
