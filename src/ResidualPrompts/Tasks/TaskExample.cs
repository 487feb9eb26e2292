namespace ResidualPrompts.Tasks;

/// <summary>A row as its task reads it.</summary>
/// <param name="Index">Index of the row in its file, from 0.</param>
/// <param name="Text">The input text of T5.</param>
/// <param name="TargetText">The target of T5: the label's word, or null without a label; in an open task the row's own target, with or without a
/// label.</param>
/// <param name="LabelIndex">Index of the label in the task's labels; null without a label, or when the task has no fixed labels.</param>
/// <param name="Reference">The right answer as written in predictions and reports; null when it is not known.</param>
internal sealed record TaskExample(int Index, string Text, string? TargetText, int? LabelIndex, string? Reference)
{
    /// <summary>The part of the text that may be truncated when it is too long; null = its end.</summary>
    public Range? Cuttable { get; init; }

    /// <summary>All right answers where there may be several; null when they are not known, or <see cref="Reference"/> is the only one.</summary>
    public IReadOnlyList<string>? Answers { get; init; }

    /// <summary>The candidate answers of this row, where they differ by row; null elsewhere.</summary>
    public IReadOnlyList<string>? Candidates { get; init; }

    /// <summary>The row's group, such as the question that several rows answer; null without groups.</summary>
    public string? Group { get; init; }

    /// <summary>The text that the row shares with others, such as the passage of several questions; null without one.</summary>
    public string? Cluster { get; init; }
}
