namespace ResidualPrompts.Tasks;

/// <summary>How answers are found.</summary>
public enum EvaluationKind
{
    /// <summary>The label of the highest log-likelihood.</summary>
    Labels,

    /// <summary>Greedy generation, whose text is judged.</summary>
    Generate,
}
