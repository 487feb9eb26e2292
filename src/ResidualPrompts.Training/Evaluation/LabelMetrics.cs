namespace ResidualPrompts.Evaluation;

/// <summary>Metrics of fixed labels, from the counts of a confusion table.</summary>
internal static class LabelMetrics
{
    /// <summary>The share of right rows.</summary>
    internal static Metric Accuracy(ConfusionTable table) => Metric.Of(Labels(table).Sum(label => table[label, label]) / (double)Total(table));

    /// <summary>The mean over all labels of F1 = 2·hits / (rows of the label + rows predicted as it); 0/0 is 0.</summary>
    internal static Metric MacroF1(ConfusionTable table) => Metric.Of(Labels(table).Average(label =>
        Ratio(2.0 * table[label, label], table.ReferenceCount(label) + table.PredictedCount(label))));

    /// <summary>F1 of one label; with two labels, an invalid answer counts as the wrong one (T5's rule). 0/0 is 0.</summary>
    internal static Metric F1(ConfusionTable table, string? positive)
    {
        var label = positive is null ? -1 : table.Labels.ToList().IndexOf(positive);
        if (label < 0)
            return Metric.None("there is no positive label");
        var falsePositives = table.Labels.Count == 2 ? table.Invalid(1 - label) : 0;
        return Metric.Of(Ratio(2.0 * table[label, label], table.ReferenceCount(label) + table.PredictedCount(label) + falsePositives));
    }

    /// <summary>
    /// Matthews' correlation for any number of classes (Gorodkin 2004), with invalid answers as an additional class; 0 where predictions or
    /// references are constant.
    /// </summary>
    internal static Metric Matthews(ConfusionTable table)
    {
        var labels = Labels(table).ToList();
        double total = Total(table);
        double hits = labels.Sum(label => table[label, label]);
        double[] references = [.. labels.Select(label => (double)table.ReferenceCount(label)), 0];
        double[] predictions = [.. labels.Select(label => (double)table.PredictedCount(label)), labels.Sum(table.Invalid)];
        return Metric.Of(Matthews(total, hits, references, predictions));
    }

    /// <summary>Matthews' correlation from the counts of all rows, right rows, rows of each class, and predictions of each class.</summary>
    internal static double Matthews(double total, double hits, IReadOnlyList<double> references, IReadOnlyList<double> predictions)
    {
        var both = references.Zip(predictions, (reference, predicted) => reference * predicted).Sum();
        var spread = ((total * total) - predictions.Sum(count => count * count)) * ((total * total) - references.Sum(count => count * count));
        return spread == 0 ? 0 : ((hits * total) - both) / Math.Sqrt(spread);
    }

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    private static IEnumerable<int> Labels(ConfusionTable table) => Enumerable.Range(0, table.Labels.Count);

    private static int Total(ConfusionTable table) => Labels(table).Sum(table.ReferenceCount);
}
