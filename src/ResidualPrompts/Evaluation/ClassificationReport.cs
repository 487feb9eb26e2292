namespace ResidualPrompts.Evaluation;

/// <summary>
/// How good predictions of fixed labels are. Every row counts once; rows whose reference is not known do not count. An invalid answer is
/// a miss for its true label and no label of its own.
/// </summary>
public sealed class ClassificationReport
{
    private ClassificationReport(ConfusionTable confusion)
    {
        Confusion = confusion;
        var labels = Enumerable.Range(0, confusion.Labels.Count).ToList();
        Count = labels.Sum(confusion.ReferenceCount);
        InvalidCount = labels.Sum(confusion.Invalid);
        Accuracy = Defined("accuracy", () => labels.Sum(label => confusion[label, label]) / (double)Count);
        MacroF1 = Defined("f1_macro", () => labels.Average(F1));
    }

    /// <summary>Rows that count.</summary>
    public int Count { get; }

    /// <summary>Of these, rows whose answer is no label.</summary>
    public int InvalidCount { get; }

    /// <summary>The share of rows that are right.</summary>
    public Metric Accuracy { get; }

    /// <summary>The mean over all labels of F1 = 2·hits / (rows of the label + rows answered by it), which is 0 where that is 0/0.</summary>
    public Metric MacroF1 { get; }

    /// <summary>All metrics, in the order in which they are shown.</summary>
    public IReadOnlyList<Metric> Metrics => [Accuracy, MacroF1];

    /// <summary>How often each label was answered by each.</summary>
    public ConfusionTable Confusion { get; }

    /// <summary>Counts predictions.</summary>
    /// <param name="predictions">The predictions, in any order.</param>
    /// <param name="labels">The labels in order; a label that never occurs counts in the mean all the same.</param>
    /// <exception cref="ArgumentException">A reference is no label.</exception>
    public static ClassificationReport Of(IEnumerable<Prediction> predictions, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(labels);
        return new ClassificationReport(new ConfusionTable(predictions, labels));
    }

    private Metric Defined(string name, Func<double> value) => Count == 0 ? new Metric(name, null, "no examples") : new Metric(name, value());

    private double F1(int label)
    {
        var rows = Confusion.ReferenceCount(label) + Confusion.PredictedCount(label);
        return rows == 0 ? 0 : 2.0 * Confusion[label, label] / rows;
    }
}
