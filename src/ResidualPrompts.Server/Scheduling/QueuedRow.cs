using ResidualPrompts.Scoring;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>What is wanted of a row; rows of equal kinds share a batch.</summary>
/// <param name="Labels">Labels to score, or null.</param>
/// <param name="Generation">How to generate, or null.</param>
internal sealed record RowKind(LabelSet? Labels, GenerationOptions? Generation)
{
    /// <summary>Scored rows go together whatever their labels, which the scorer sorts out; generated ones only with equal options.</summary>
    internal bool GoesWith(RowKind other) => Generation is null ? other.Generation is null : Generation == other.Generation;
}

/// <summary>One input before one prompt, as it waits for a batch.</summary>
/// <param name="Request">The request that it belongs to.</param>
/// <param name="Index">Its place in the request.</param>
/// <param name="Content">Input and prompt.</param>
internal sealed record QueuedRow(PredictionRequest Request, int Index, PromptedInput Content);
