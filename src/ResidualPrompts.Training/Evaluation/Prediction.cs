namespace ResidualPrompts.Evaluation;

/// <summary>The prediction for one row.</summary>
/// <param name="Index">Index of the row in its file, from 0.</param>
/// <param name="Predicted">The predicted label, text or number; null when the answer fits none.</param>
/// <param name="Reference">The right answer; null when it is not known, or when there are several.</param>
/// <param name="Scores">Log-probability of each label's word, in the labels' order; null when the answer was generated.</param>
/// <param name="Generated">The generated answer; null when labels were scored.</param>
public sealed record Prediction(int Index, string? Predicted, string? Reference, IReadOnlyList<double>? Scores = null, string? Generated = null)
{
    /// <summary>All right answers when there may be several; null otherwise.</summary>
    public IReadOnlyList<string>? Answers { get; init; }

    /// <summary>Group of predictions, such as the answers to one question; null without groups.</summary>
    public string? Group { get; init; }

    /// <summary>The text that this row shares with others, such as a passage with several questions; null without one.</summary>
    internal string? Cluster { get; init; }

    /// <summary>Whether the answer fits no label. It counts as wrong.</summary>
    public bool Invalid => Predicted is null;

    /// <summary>Whether the right answer is known, so that the row counts.</summary>
    public bool IsKnown => Reference is not null || Answers is not null;
}
