namespace ResidualPrompts.Scoring;

/// <summary>What is wanted of each example.</summary>
/// <param name="Labels">Token ids of labels to score; null = the candidates of each example, where they differ.</param>
/// <param name="Generation">How to generate, or null.</param>
public sealed record ScoringRequest(IReadOnlyList<int[]>? Labels, GenerationOptions? Generation);
