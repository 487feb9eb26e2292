namespace ResidualPrompts.Data.Splits;

/// <summary>The rows of a run.</summary>
public sealed record DataSplits
{
    /// <summary>Rows to train on, at least one.</summary>
    public required IReadOnlyList<Example> Train { get; init; }

    /// <summary>Rows that choose the best prompt; null when there are none.</summary>
    public IReadOnlyList<Example>? Validation { get; init; }

    /// <summary>Rows that nothing is chosen by, perhaps without labels; null when there are none.</summary>
    public IReadOnlyList<Example>? Test { get; init; }

    /// <summary>What a user should know about how the splits came about, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
