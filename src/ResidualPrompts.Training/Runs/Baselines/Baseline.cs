using System.Text.Json.Serialization;

namespace ResidualPrompts.Runs.Baselines;

/// <summary>A score to compare a run's own score with, on the same rows by the same metrics.</summary>
/// <param name="Result">The score; null when there is none.</param>
/// <param name="Missing">Why there is no score; null when there is one.</param>
internal sealed record Baseline(SplitResult? Result, string? Missing = null)
{
    /// <summary>The answer that is given for every row; null when the model answers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Answer { get; init; }

    internal static Baseline None(string reason) => new(null, reason);
}
