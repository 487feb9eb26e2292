namespace ResidualPrompts.Evaluation;

/// <summary>
/// How good predictions are by a task's metrics. Every row counts once; rows whose right answer is not known do not count. An invalid
/// answer is wrong and no label of its own.
/// </summary>
/// <param name="Count">Rows that count.</param>
/// <param name="InvalidCount">Of these, rows whose answer stands for nothing that can be predicted.</param>
/// <param name="Metrics">The metrics; the first chooses the best prompt.</param>
/// <param name="Confusion">How often each label was answered by each; null when answers are texts or numbers.</param>
/// <param name="Notes">What a reader of the numbers should know, one sentence each.</param>
public sealed record EvaluationReport(int Count, int InvalidCount, IReadOnlyList<Metric> Metrics, ConfusionTable? Confusion, IReadOnlyList<string> Notes)
{
    /// <summary>A metric by its name.</summary>
    /// <param name="name">The name.</param>
    public Metric this[string name] => Metrics.First(metric => metric.Name == name);
}
