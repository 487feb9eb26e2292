namespace ResidualPrompts.Scoring;

/// <summary>Greedy generation.</summary>
/// <param name="MaxNewTokens">The most new tokens of an example, at least 1.</param>
/// <param name="MinNewTokens">Eos is not chosen before so many new tokens exist.</param>
/// <param name="IgnoreEos">Eos has no meaning: exactly <paramref name="MaxNewTokens"/> tokens are made.</param>
public sealed record GenerationOptions(int MaxNewTokens, int MinNewTokens = 0, bool IgnoreEos = false);
