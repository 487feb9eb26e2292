namespace ResidualPrompts.Evaluation;

/// <summary>Metrics over groups of rows, which need not be adjacent.</summary>
internal static class GroupMetrics
{
    /// <summary>The share of groups with only right rows: exact match of MultiRC's questions.</summary>
    internal static Metric AllRight(IReadOnlyList<Prediction> predictions) => MissingGroup(predictions)
        ?? Metric.Of(ScoresOfAll(predictions).Average(group => group.Score));

    /// <summary>The share of pairs with equal predictions: the gender parity score of AX-g. Groups of any other size are left out.</summary>
    internal static Metric EqualPairs(IReadOnlyList<Prediction> predictions)
    {
        if (MissingGroup(predictions) is { } missing)
            return missing;
        var pairs = ScoresOfPairs(predictions).ToList();
        return pairs.Count == 0 ? Metric.None("no pairs") : Metric.Of(pairs.Average(pair => pair.Score));
    }

    /// <summary>Every group with the places of its rows, and 1 where all are right.</summary>
    internal static IEnumerable<(IReadOnlyList<int> Rows, double Score)> ScoresOfAll(IReadOnlyList<Prediction> predictions) =>
        from row in predictions.Index()
        group row by row.Item.Group into rows
        select ((IReadOnlyList<int>)[.. rows.Select(row => row.Index)], rows.All(row => row.Item.Predicted == row.Item.Reference) ? 1.0 : 0.0);

    /// <summary>Every pair with the places of its rows, and 1 where both are predicted alike.</summary>
    internal static IEnumerable<(IReadOnlyList<int> Rows, double Score)> ScoresOfPairs(IReadOnlyList<Prediction> predictions) =>
        from row in predictions.Index()
        group row by row.Item.Group into rows
        where rows.Count() == 2
        select ((IReadOnlyList<int>)[.. rows.Select(row => row.Index)], rows.First().Item.Predicted == rows.Last().Item.Predicted ? 1.0 : 0.0);

    private static Metric? MissingGroup(IReadOnlyList<Prediction> predictions) =>
        predictions.FirstOrDefault(prediction => prediction.Group is null) is { } missing
        ? Metric.None("an example belongs to no group", $"Row {missing.Index} does not say which rows it belongs to.")
        : null;
}
