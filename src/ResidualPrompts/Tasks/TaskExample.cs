namespace ResidualPrompts.Tasks;

/// <summary>A row as its task sees it.</summary>
/// <param name="Index">Number of the row in its file, from 0.</param>
/// <param name="Text">What T5 reads.</param>
/// <param name="TargetText">What T5 must write: the label's word, null without a label; of an open task what the row itself says, with or
/// without a label.</param>
/// <param name="LabelIndex">The label's place among the task's labels; null without a label, or when the task has no fixed labels.</param>
/// <param name="Reference">The right answer as it stands in predictions and reports; null when it is not known.</param>
public sealed record TaskExample(int Index, string Text, string? TargetText, int? LabelIndex, string? Reference)
{
    /// <summary>The part of the text that may be shortened when it is too long; null = its end.</summary>
    public Range? Cuttable { get; init; }

    /// <summary>All right answers where there may be several; null when they are not known, or there is one <see cref="Reference"/>.</summary>
    public IReadOnlyList<string>? Answers { get; init; }

    /// <summary>The answers that this row may have, where they differ by row; null elsewhere.</summary>
    public IReadOnlyList<string>? Candidates { get; init; }

    /// <summary>Which rows belong together, such as the answers to one question; null where none do.</summary>
    public string? Group { get; init; }
}
