namespace ResidualPrompts.Evaluation;

/// <summary>Counts of rows by right label and predicted label, and of invalid answers.</summary>
internal sealed class ConfusionTable
{
    private readonly int[,] _counts;

    /// <summary>Counts predictions whose reference is known.</summary>
    /// <param name="predictions">The predictions.</param>
    /// <param name="labels">The labels in order. Any other predicted text counts as invalid.</param>
    /// <exception cref="ArgumentException">A reference is not a label.</exception>
    internal ConfusionTable(IEnumerable<Prediction> predictions, IReadOnlyList<string> labels)
    {
        Labels = labels;
        _counts = new int[labels.Count, labels.Count + 1];
        foreach (var (reference, predicted) in CellsOf(predictions.Where(prediction => prediction.Reference is not null), labels))
            _counts[reference, predicted]++;
    }

    /// <summary>A table of counts.</summary>
    /// <param name="labels">The labels in order.</param>
    /// <param name="counts">Counts by reference (rows) and prediction (columns; the last counts invalid answers).</param>
    internal ConfusionTable(IReadOnlyList<string> labels, int[,] counts) => (Labels, _counts) = (labels, counts);

    /// <summary>
    /// The cell of each prediction: the index of its reference, and that of its label or, for an invalid answer, the number of labels.
    /// </summary>
    /// <param name="predictions">Predictions with a reference.</param>
    /// <param name="labels">The labels in order.</param>
    /// <exception cref="ArgumentException">A reference is not a label.</exception>
    internal static IEnumerable<(int Reference, int Predicted)> CellsOf(IEnumerable<Prediction> predictions, IReadOnlyList<string> labels)
    {
        var places = labels.Index().ToDictionary(label => label.Item, label => label.Index);
        foreach (var prediction in predictions)
        {
            if (!places.TryGetValue(prediction.Reference!, out var reference))
            {
                throw new ArgumentException(
                    $"The reference of row {prediction.Index} is '{prediction.Reference}', expected one of {string.Join(", ", labels)}.",
                    nameof(predictions));
            }

            yield return (reference, prediction.Predicted is { } predicted ? places.GetValueOrDefault(predicted, labels.Count) : labels.Count);
        }
    }

    /// <summary>The labels in order: rows are references, columns predictions.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Number of rows with one right label and one predicted label.</summary>
    /// <param name="reference">Index of the right label.</param>
    /// <param name="predicted">Index of the predicted label.</param>
    public int this[int reference, int predicted] =>
        predicted < Labels.Count ? _counts[reference, predicted] : throw new ArgumentOutOfRangeException(nameof(predicted));

    /// <summary>Number of rows of one label whose answer was not a label.</summary>
    /// <param name="reference">Index of the right label.</param>
    public int Invalid(int reference) => _counts[reference, Labels.Count];

    /// <summary>Number of rows of one label.</summary>
    /// <param name="reference">Index of the right label.</param>
    public int ReferenceCount(int reference) => Enumerable.Range(0, Labels.Count + 1).Sum(predicted => _counts[reference, predicted]);

    /// <summary>Number of rows for which one label was predicted.</summary>
    /// <param name="predicted">Index of the predicted label.</param>
    public int PredictedCount(int predicted) => Enumerable.Range(0, Labels.Count).Sum(reference => this[reference, predicted]);
}
