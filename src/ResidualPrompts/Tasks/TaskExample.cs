namespace ResidualPrompts.Tasks;

/// <summary>A row as its task sees it.</summary>
/// <param name="Index">Number of the row in its file, from 0.</param>
/// <param name="Text">What T5 reads.</param>
/// <param name="TargetText">What T5 must write: the label's word, null without a label; of an open task what the row itself says, with or without a label.</param>
/// <param name="LabelIndex">The label's place among the task's labels; null without a label, or when the task has no fixed labels.</param>
/// <param name="Reference">The right label as it stands in predictions and reports; null without a label.</param>
public sealed record TaskExample(int Index, string Text, string? TargetText, int? LabelIndex, string? Reference);
