namespace ResidualPrompts.Evaluation;

/// <summary>Metrics over groups of rows, which need not be adjacent.</summary>
internal static class GroupMetrics
{
    /// <summary>The share of groups with only right rows: exact match of MultiRC's questions.</summary>
    internal static Metric AllRight(IReadOnlyList<Prediction> predictions) => MissingGroup(predictions)
        ?? Metric.Of(predictions.GroupBy(prediction => prediction.Group)
            .Average(group => group.All(prediction => prediction.Predicted == prediction.Reference) ? 1.0 : 0.0));

    /// <summary>The share of pairs with equal predictions: the gender parity score of AX-g. Groups of any other size are left out.</summary>
    internal static Metric EqualPairs(IReadOnlyList<Prediction> predictions)
    {
        if (MissingGroup(predictions) is { } missing)
            return missing;
        var pairs = predictions.GroupBy(prediction => prediction.Group).Where(group => group.Count() == 2).ToList();
        return pairs.Count == 0
            ? Metric.None("no pairs")
            : Metric.Of(pairs.Average(pair => pair.First().Predicted == pair.Last().Predicted ? 1.0 : 0.0));
    }

    private static Metric? MissingGroup(IReadOnlyList<Prediction> predictions) =>
        predictions.FirstOrDefault(prediction => prediction.Group is null) is { } missing
        ? Metric.None("an example belongs to no group", $"Row {missing.Index} does not say which rows it belongs to.")
        : null;
}
