namespace ResidualPrompts.Scoring;

/// <summary>What to compute for each example.</summary>
/// <param name="Labels">Token ids of the labels to score; null = each example's own candidates.</param>
/// <param name="Generation">Generation options, or null.</param>
internal sealed record ScoringRequest(IReadOnlyList<int[]>? Labels, GenerationOptions? Generation)
{
    /// <summary>Whether each example is scored by its own candidates.</summary>
    internal bool IsByCandidates => Labels is not { Count: > 0 } && Generation is null;
}
