namespace ResidualPrompts.Evaluation;

/// <summary>
/// The quality of predictions by a task's metrics. Every row counts once; rows without a known right answer do not count. An invalid answer is
/// wrong; it is not a label of its own.
/// </summary>
/// <param name="Count">Rows that count.</param>
/// <param name="InvalidCount">Of these, rows whose answer fits no outcome.</param>
/// <param name="Metrics">The metrics; the first selects the best prompt.</param>
/// <param name="Confusion">The confusion table; null when answers are texts or numbers.</param>
/// <param name="Notes">Notes for a reader of the numbers, one sentence each.</param>
internal sealed record EvaluationReport(
    int Count, int InvalidCount, IReadOnlyList<Metric> Metrics, ConfusionTable? Confusion, IReadOnlyList<string> Notes)
{
    /// <summary>A metric by its name.</summary>
    /// <param name="name">The name.</param>
    public Metric this[string name] => Metrics.First(metric => metric.Name == name);
}
