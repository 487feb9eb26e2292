using System.Text.RegularExpressions;

namespace ResidualPrompts.Evaluation;

/// <summary>
/// Metrics of free-text answers, as in SQuAD (Rajpurkar et al. 2016): texts are compared in lower case, without ASCII punctuation and
/// articles; of several right answers, the best match counts.
/// </summary>
internal static partial class AnswerMetrics
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The share of answers that equal a right one.</summary>
    internal static Metric ExactMatch(IReadOnlyList<Prediction> predictions) =>
        Best(predictions, (answer, right) => Normalize(answer) == Normalize(right) ? 1 : 0);

    /// <summary>The mean F1 of the words that answer and reference share, counted with repetitions.</summary>
    internal static Metric F1(IReadOnlyList<Prediction> predictions) => Best(predictions, WordF1);

    /// <summary>A text in normalized form, for comparison.</summary>
    /// <param name="text">The text.</param>
    internal static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bare = string.Concat(text.ToLowerInvariant().Where(c => !Punctuation.Contains(c)));
        return string.Join(' ', Articles().Replace(bare, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static double WordF1(string answer, string right)
    {
        var said = Normalize(answer).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var meant = Normalize(right).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (said.Length == 0 || meant.Length == 0)
            return said.Length == meant.Length ? 1 : 0;
        var shared = said.CountBy(word => word)
            .Join(meant.CountBy(word => word), pair => pair.Key, pair => pair.Key, (a, b) => Math.Min(a.Value, b.Value))
            .Sum();
        return 2.0 * shared / (said.Length + meant.Length);
    }

    private static Metric Best(IReadOnlyList<Prediction> predictions, Func<string, string, double> score)
    {
        var answers = predictions.Select(prediction => prediction.Answers ?? [prediction.Reference!]).ToList();
        if (answers.FindIndex(right => right.Count == 0) is >= 0 and var missing)
            return Metric.None("an example has no answer", $"Row {predictions[missing].Index} has no right answer and cannot be scored.");
        return Metric.Of(predictions.Zip(answers, (prediction, right) => right.Max(text => score(prediction.Predicted ?? "", text))).Average());
    }

    [GeneratedRegex(@"\b(?:a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
