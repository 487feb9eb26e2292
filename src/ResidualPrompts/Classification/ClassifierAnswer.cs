namespace ResidualPrompts.Classification;

/// <summary>The label of one row.</summary>
/// <param name="Label">The most likely label, the first at a tie.</param>
/// <param name="Probability">Its probability among the labels, 0 to 1.</param>
/// <param name="Labels">All labels in the order of the task; of a task whose rows bring their own answers, those of the row.</param>
/// <param name="Scores">Log-likelihood of each label, in the order of <paramref name="Labels"/>.</param>
/// <param name="Probabilities">The probability of each label; they sum to 1.</param>
public sealed record ClassifierAnswer(
    string Label, double Probability, IReadOnlyList<string> Labels, IReadOnlyList<double> Scores, IReadOnlyList<double> Probabilities);
