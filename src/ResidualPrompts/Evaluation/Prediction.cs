namespace ResidualPrompts.Evaluation;

/// <summary>What the model answered to one row.</summary>
/// <param name="Index">Place of the row in its split, from 0.</param>
/// <param name="Predicted">The outcome, or null when the answer means none.</param>
/// <param name="Reference">The right outcome, or null when the row has no label.</param>
/// <param name="Scores">Log-likelihood of each outcome, or null when text was generated.</param>
/// <param name="Generated">The text that was generated, or null.</param>
public sealed record Prediction(int Index, string? Predicted, string? Reference, IReadOnlyList<double>? Scores, string? Generated)
{
    /// <summary>Whether the answer means no outcome.</summary>
    public bool IsInvalid => Predicted is null;
}
