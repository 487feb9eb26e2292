namespace ResidualPrompts.Evaluation;

/// <summary>What was predicted for one row.</summary>
/// <param name="Index">Number of the row in its file, from 0.</param>
/// <param name="Predicted">The predicted label, text or number; null when the answer stands for none.</param>
/// <param name="Reference">The right answer; null when it is not known, or when there are several.</param>
/// <param name="Scores">Log-probability of each label's word, in the labels' order; null when the answer was generated.</param>
/// <param name="Generated">The generated answer; null when labels were scored.</param>
public sealed record Prediction(int Index, string? Predicted, string? Reference, IReadOnlyList<double>? Scores = null, string? Generated = null)
{
    /// <summary>All right answers where there may be several; null elsewhere.</summary>
    public IReadOnlyList<string>? Answers { get; init; }

    /// <summary>Which predictions belong together, such as the answers to one question; null where none do.</summary>
    public string? Group { get; init; }

    /// <summary>Whether the answer stands for no label. It counts as wrong.</summary>
    public bool Invalid => Predicted is null;

    /// <summary>Whether the right answer is known, so that the row counts.</summary>
    public bool IsKnown => Reference is not null || Answers is not null;
}
