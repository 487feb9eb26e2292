using ResidualPrompts.Scoring;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>What to compute for a row; rows of equal kinds share a batch.</summary>
/// <param name="Labels">Labels to score, or null.</param>
/// <param name="Generation">How to generate, or null.</param>
internal sealed record RowKind(LabelSet? Labels, GenerationOptions? Generation)
{
    /// <summary>Scored rows share a batch even with different labels, which the scorer handles; generated rows only with equal options.</summary>
    internal bool GoesWith(RowKind other) => Generation is null ? other.Generation is null : Generation == other.Generation;
}

/// <summary>One input with one prompt, waiting for a batch.</summary>
/// <param name="Request">The request of the row.</param>
/// <param name="Index">The row's index in the request.</param>
/// <param name="Content">Input and prompt.</param>
internal sealed record QueuedRow(PredictionRequest Request, int Index, PromptedInput Content);
