using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>Rows of a scored split whose texts, as the model sees them, are also those of a split that trains or chooses.</summary>
/// <param name="Split">The scored split.</param>
/// <param name="Other">The other split.</param>
/// <param name="Count">The rows that both have.</param>
/// <param name="RowCount">The rows of the scored split.</param>
internal sealed record RowOverlap(DataSplit Split, DataSplit Other, int Count, int RowCount)
{
    /// <summary>Whether the score is mostly one of rows that were seen; then a note is not enough.</summary>
    internal bool IsMost => 2 * Count >= RowCount;

    /// <summary>One sentence without its end.</summary>
    internal string Message => Other == DataSplit.Train
        ? $"{Count} of {RowCount} {Split.Name()} texts are also training texts: a score on them says nothing about new texts"
        : $"{Count} of {RowCount} {Split.Name()} texts are also {Other.Name()} texts, which choose the epoch and the settings: "
            + "a score on them flatters the choice";

    /// <summary>The warning of most rows.</summary>
    internal WarningRaised Warning => new(0, 0, TrainingSymptom.SharedRows, Message);

    /// <summary>The pairs of splits that share rows.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="validation">The validation rows; null = none.</param>
    /// <param name="test">The test rows; null = none, or they are not scored.</param>
    internal static IEnumerable<RowOverlap> In(EncodedSplit train, EncodedSplit? validation, EncodedSplit? test) => new[]
    {
        Of(DataSplit.Validation, validation, DataSplit.Train, train),
        Of(DataSplit.Test, test, DataSplit.Train, train),
        Of(DataSplit.Test, test, DataSplit.Validation, validation),
    }.OfType<RowOverlap>();

    private static RowOverlap? Of(DataSplit split, EncodedSplit? rows, DataSplit other, EncodedSplit? others) =>
        rows is not null && others is not null && SharedInputs.Count(rows.Examples, others.Examples) is > 0 and var count
            ? new RowOverlap(split, other, count, rows.Rows.Count)
            : null;
}
