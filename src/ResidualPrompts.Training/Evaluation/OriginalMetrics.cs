using System.Globalization;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Evaluation;

/// <summary>
/// The scores of the original, over texts prepared by <see cref="OriginalText"/>: every text that occurs is a class, and one text holds all
/// right answers.
/// </summary>
internal static class OriginalMetrics
{
    internal static Metric Accuracy(IReadOnlyList<Prediction> predictions) =>
        Metric.Of(predictions.Average(prediction => IsRight(prediction) ? 1.0 : 0.0));

    /// <summary>The mean F1 over all texts that occur as references or answers.</summary>
    internal static Metric MacroF1(IReadOnlyList<Prediction> predictions) => Metric.Of(Classes(predictions).Average(text =>
        2.0 * predictions.Count(prediction => IsRight(prediction) && prediction.Reference == text)
            / (predictions.Count(prediction => prediction.Reference == text) + predictions.Count(prediction => prediction.Predicted == text))));

    internal static Metric Matthews(IReadOnlyList<Prediction> predictions)
    {
        var classes = Classes(predictions).ToList();
        return Metric.Of(LabelMetrics.Matthews(
            predictions.Count,
            predictions.Count(IsRight),
            [.. classes.Select(text => (double)predictions.Count(prediction => prediction.Reference == text))],
            [.. classes.Select(text => (double)predictions.Count(prediction => prediction.Predicted == text))]));
    }

    /// <summary>
    /// The correlation of digits without their decimal point. A text with a letter counts as 0; the original fails on any other text that is not
    /// a number.
    /// </summary>
    internal static Metric Pearson(IReadOnlyList<Prediction> predictions)
    {
        double?[] x = [.. predictions.Select(prediction => Number(prediction.Predicted!))];
        double?[] y = [.. predictions.Select(prediction => Number(prediction.Reference!))];
        if (Array.IndexOf([.. x, .. y], null) is >= 0 and var stop)
        {
            return Metric.None(
                "an answer is not a number", $"Row {predictions[stop % predictions.Count].Index} has an answer at which the original stops.");
        }

        return Correlations.Pearson([.. x.Select(number => number!.Value)], [.. y.Select(number => number!.Value)]);
    }

    /// <summary>
    /// For rows in groups, the share of groups whose rows are all right, where a group is a run of adjacent rows; otherwise the share of answers
    /// among the right ones.
    /// </summary>
    internal static Metric ExactMatch(IReadOnlyList<Prediction> predictions)
    {
        if (predictions.Any(prediction => prediction.Group is null))
            return Best(predictions, (answer, right) => answer == right ? 1 : 0);
        var groups = new List<bool>();
        for (var i = 0; i < predictions.Count; i++)
        {
            if (i == 0 || predictions[i].Group != predictions[i - 1].Group)
                groups.Add(true);
            groups[^1] &= IsRight(predictions[i]);
        }

        return Metric.Of(groups.Average(isRight => isRight ? 1.0 : 0.0));
    }

    /// <summary>The mean F1 of the words that answer and reference share, each counted once.</summary>
    internal static Metric F1(IReadOnlyList<Prediction> predictions) => Best(predictions, (answer, right) =>
    {
        var (said, meant) = (answer.Split(' ', StringSplitOptions.RemoveEmptyEntries), right.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (said.Length == 0 || meant.Length == 0)
            return said.Length == meant.Length ? 1 : 0;
        return 2.0 * said.Intersect(meant).Count() / (said.Length + meant.Length);
    });

    private static Metric Best(IReadOnlyList<Prediction> predictions, Func<string, string, double> score) =>
        Metric.Of(predictions.Average(prediction =>
        prediction.Reference!.Split(';').Max(right => score(OriginalText.Normalize(prediction.Predicted!), OriginalText.Normalize(right)))));

    private static bool IsRight(Prediction prediction) => prediction.Predicted == prediction.Reference;

    private static IEnumerable<string> Classes(IReadOnlyList<Prediction> predictions) =>
        predictions.SelectMany(prediction => new[] { prediction.Reference!, prediction.Predicted! }).Distinct();

    private static double? Number(string text) => text.Any(char.IsLetter) ? 0
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
