namespace ResidualPrompts.Evaluation;

/// <summary>How often each label was answered by each, and by none.</summary>
public sealed class ConfusionTable
{
    private readonly int[,] _counts;

    /// <summary>Counts predictions whose reference is known.</summary>
    /// <param name="predictions">The predictions.</param>
    /// <param name="labels">The labels in order. A predicted text that is none of them counts as invalid.</param>
    /// <exception cref="ArgumentException">A reference is no label.</exception>
    internal ConfusionTable(IEnumerable<Prediction> predictions, IReadOnlyList<string> labels)
    {
        Labels = labels;
        _counts = new int[labels.Count, labels.Count + 1];
        var places = labels.Index().ToDictionary(label => label.Item, label => label.Index);
        foreach (var prediction in predictions)
        {
            if (prediction.Reference is not { } reference)
                continue;
            if (!places.TryGetValue(reference, out var row))
                throw new ArgumentException($"The reference of row {prediction.Index} is '{reference}', expected one of {string.Join(", ", labels)}.", nameof(predictions));
            _counts[row, prediction.Predicted is { } predicted ? places.GetValueOrDefault(predicted, labels.Count) : labels.Count]++;
        }
    }

    /// <summary>The labels in order: rows are references, columns predictions.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Rows of one label that were answered by another, or by itself.</summary>
    /// <param name="reference">The right label's place.</param>
    /// <param name="predicted">The predicted label's place.</param>
    public int this[int reference, int predicted] => predicted < Labels.Count ? _counts[reference, predicted] : throw new ArgumentOutOfRangeException(nameof(predicted));

    /// <summary>Rows of one label whose answer was no label.</summary>
    /// <param name="reference">The right label's place.</param>
    public int Invalid(int reference) => _counts[reference, Labels.Count];

    /// <summary>Rows of one label.</summary>
    /// <param name="reference">The right label's place.</param>
    public int ReferenceCount(int reference) => Enumerable.Range(0, Labels.Count + 1).Sum(predicted => _counts[reference, predicted]);

    /// <summary>Rows that were answered by one label.</summary>
    /// <param name="predicted">The predicted label's place.</param>
    public int PredictedCount(int predicted) => Enumerable.Range(0, Labels.Count).Sum(reference => this[reference, predicted]);
}
