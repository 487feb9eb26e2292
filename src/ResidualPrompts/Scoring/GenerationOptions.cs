namespace ResidualPrompts.Scoring;

/// <summary>Options of greedy generation.</summary>
/// <param name="MaxNewTokens">Maximum new tokens of an example, at least 1.</param>
/// <param name="MinNewTokens">Eos is not chosen before this many new tokens exist.</param>
/// <param name="IgnoreEos">Whether eos is an ordinary token: exactly <paramref name="MaxNewTokens"/> tokens are generated.</param>
internal sealed record GenerationOptions(int MaxNewTokens, int MinNewTokens = 0, bool IgnoreEos = false);
