namespace ResidualPrompts.Evaluation;

/// <summary>What was predicted for one row.</summary>
/// <param name="Index">Number of the row in its file, from 0.</param>
/// <param name="Predicted">The predicted label; null when the answer stands for none.</param>
/// <param name="Reference">The right label; null when it is not known.</param>
/// <param name="Scores">Log-probability of each label's word, in the labels' order; null when the answer was generated.</param>
/// <param name="Generated">The generated answer; null when labels were scored.</param>
public sealed record Prediction(int Index, string? Predicted, string? Reference, IReadOnlyList<double>? Scores = null, string? Generated = null)
{
    /// <summary>Whether the answer stands for no label. It counts as wrong.</summary>
    public bool Invalid => Predicted is null;
}
