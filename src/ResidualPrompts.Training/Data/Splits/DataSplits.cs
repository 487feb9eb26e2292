namespace ResidualPrompts.Data.Splits;

/// <summary>The rows of a run.</summary>
internal sealed record DataSplits
{
    /// <summary>Training rows, at least one.</summary>
    public required IReadOnlyList<Example> Train { get; init; }

    /// <summary>Rows that select the best prompt; null when there are none.</summary>
    public IReadOnlyList<Example>? Validation { get; init; }

    /// <summary>Held-out test rows, perhaps without labels; null when there are none.</summary>
    public IReadOnlyList<Example>? Test { get; init; }

    /// <summary>Notes for the user on the splits, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
