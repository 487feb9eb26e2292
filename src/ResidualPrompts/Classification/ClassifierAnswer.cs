namespace ResidualPrompts.Classification;

/// <summary>The label of one row.</summary>
/// <param name="Label">The most likely label; at a tie, the first.</param>
/// <param name="Probability">The label's probability among all labels, 0 to 1.</param>
/// <param name="Labels">All labels in the task's order; the row's own candidates where a task has no fixed labels.</param>
/// <param name="Scores">Log-likelihood of each label, in the order of <paramref name="Labels"/>.</param>
/// <param name="Probabilities">Probability of each label; they sum to 1.</param>
public sealed record ClassifierAnswer(
    string Label, double Probability, IReadOnlyList<string> Labels, IReadOnlyList<double> Scores, IReadOnlyList<double> Probabilities);
