namespace ResidualPrompts.Evaluation;

/// <summary>Metrics of predictions over fixed outcomes. An answer that means no outcome is wrong and counted apart; rows without a label do not count.</summary>
public sealed class ClassificationReport
{
    private readonly int[,] _confusion; // [reference, predicted], the last column for invalid answers

    private ClassificationReport(IReadOnlyList<string> outcomes, int[,] confusion) => (Outcomes, _confusion) = (outcomes, confusion);

    /// <summary>The outcomes, in label order.</summary>
    public IReadOnlyList<string> Outcomes { get; }

    /// <summary>Labelled examples.</summary>
    public int Count => _confusion.Cast<int>().Sum();

    /// <summary>Answers that mean no outcome.</summary>
    public int InvalidCount => Enumerable.Range(0, Outcomes.Count).Sum(reference => _confusion[reference, Outcomes.Count]);

    /// <summary>Share of right answers; null without examples.</summary>
    public double? Accuracy => Count == 0 ? null : (double)Enumerable.Range(0, Outcomes.Count).Sum(i => _confusion[i, i]) / Count;

    /// <summary>Mean of the F1 of every outcome, 0 for one that is neither right nor predicted anywhere; null without examples.</summary>
    public double? MacroF1 => Count == 0 ? null : Enumerable.Range(0, Outcomes.Count).Average(F1);

    /// <summary>All metrics by name, as fractions; null where undefined.</summary>
    public IReadOnlyDictionary<string, double?> Metrics => new Dictionary<string, double?> { ["accuracy"] = Accuracy, ["f1_macro"] = MacroF1 };

    /// <summary>Examples by right and predicted outcome.</summary>
    /// <param name="reference">Index of the right outcome.</param>
    /// <param name="predicted">Index of the predicted outcome; the number of outcomes stands for invalid.</param>
    public int Confusion(int reference, int predicted) => _confusion[reference, predicted];

    /// <summary>Counts predictions.</summary>
    /// <param name="predictions">The predictions; those without a reference are passed over.</param>
    /// <param name="outcomes">The outcomes, in label order.</param>
    public static ClassificationReport Of(IEnumerable<Prediction> predictions, IReadOnlyList<string> outcomes)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(outcomes);
        var indices = outcomes.Select((outcome, index) => (outcome, index)).ToDictionary(pair => pair.outcome, pair => pair.index);
        var confusion = new int[outcomes.Count, outcomes.Count + 1];
        foreach (var prediction in predictions)
        {
            if (prediction.Reference is { } reference)
                confusion[indices[reference], prediction.Predicted is { } predicted && indices.TryGetValue(predicted, out var index) ? index : outcomes.Count]++;
        }

        return new ClassificationReport(outcomes, confusion);
    }

    private double F1(int outcome)
    {
        var right = _confusion[outcome, outcome];
        var predicted = Enumerable.Range(0, Outcomes.Count).Sum(reference => _confusion[reference, outcome]);
        var actual = Enumerable.Range(0, Outcomes.Count + 1).Sum(column => _confusion[outcome, column]);
        return predicted + actual == 0 ? 0 : 2.0 * right / (predicted + actual);
    }
}
