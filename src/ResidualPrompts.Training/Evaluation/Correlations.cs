using ResidualPrompts.Tasks;

namespace ResidualPrompts.Evaluation;

/// <summary>Correlations of predicted numbers with those of the data; an answer that is not a number counts as 0.</summary>
internal static class Correlations
{
    /// <summary>Pearson's correlation.</summary>
    internal static Metric Pearson(IReadOnlyList<Prediction> predictions) => Of(predictions, numbers => numbers);

    /// <summary>Spearman's correlation: Pearson's correlation of the ranks; ties have their mean rank.</summary>
    internal static Metric Spearman(IReadOnlyList<Prediction> predictions) => Of(predictions, Ranks);

    /// <summary>Pearson's correlation, or why it is undefined.</summary>
    internal static Metric Pearson(double[] x, double[] y)
    {
        if (x.Length < 2)
            return Metric.None("fewer than two examples");
        if (x.All(value => value == x[0]))
            return Metric.None("predictions are constant");
        if (y.All(value => value == y[0]))
            return Metric.None("references are constant");
        var (meanX, meanY) = (x.Average(), y.Average());
        var (xy, xx, yy) = (0.0, 0.0, 0.0);
        foreach (var (a, b) in x.Zip(y, (a, b) => (a - meanX, b - meanY)))
        {
            xy += a * b;
            xx += a * a;
            yy += b * b;
        }

        return Metric.Of(Math.Clamp(xy / (Math.Sqrt(xx) * Math.Sqrt(yy)), -1, 1));
    }

    private static Metric Of(IReadOnlyList<Prediction> predictions, Func<double[], double[]> transform) => Pearson(
        transform([.. predictions.Select(prediction => prediction.Predicted is { } text ? SimilarityScore.Parse(text) ?? 0 : 0)]),
        transform([.. predictions.Select(prediction => Reference(prediction))]));

    private static double Reference(Prediction prediction) => SimilarityScore.Parse(prediction.Reference ?? prediction.Answers!.Single())
        ?? throw new ArgumentException($"The reference of row {prediction.Index} is '{prediction.Reference}', expected a number.");

    private static double[] Ranks(double[] numbers)
    {
        var order = Enumerable.Range(0, numbers.Length).OrderBy(i => numbers[i]).ToArray();
        var ranks = new double[numbers.Length];
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && numbers[order[end]] == numbers[order[start]])
                end++;
            for (var i = start; i < end; i++)
                ranks[order[i]] = (start + end + 1) / 2.0;
            start = end;
        }

        return ranks;
    }
}
