namespace ResidualPrompts.Scoring;

/// <summary>
/// Turns label scores into probabilities, and calibrates them by a temperature. Scores of a tuned prompt are usually overconfident. One temperature,
/// fitted on labeled rows that were not trained on, corrects that without changing any label (Guo et al. 2017, arXiv 1706.04599).
/// </summary>
internal static class Calibration
{
    private const double Coldest = 0.01;
    private const double Hottest = 100;
    private const int SearchSteps = 60; // each keeps 0.618 of the interval

    /// <summary>Softmax of scores divided by a temperature.</summary>
    /// <param name="scores">Log-likelihoods of the labels of one input.</param>
    /// <param name="temperature">Above 0; 1 keeps the scores, larger values make the probabilities more alike.</param>
    public static double[] Probabilities(IReadOnlyList<double> scores, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var largest = scores.Max();
        double[] weights = [.. scores.Select(score => Math.Exp((score - largest) / temperature))];
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    /// <summary>Logarithms of <see cref="Probabilities"/>, finite also where these are too small for a number.</summary>
    /// <param name="scores">Log-likelihoods of the labels of one input.</param>
    /// <param name="temperature">See <see cref="Probabilities"/>.</param>
    public static double[] LogProbabilities(IReadOnlyList<double> scores, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return [.. scores.Select((_, label) => LogProbability(scores, label, temperature))];
    }

    /// <summary>The temperature, between 0.01 and 100, under which the right labels are most likely.</summary>
    /// <param name="scores">Scores [row][label] of rows that were not trained on.</param>
    /// <param name="labels">Index of the right label of each row.</param>
    public static double FitTemperature(IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Count == 0 || scores.Count != labels.Count)
            throw new ArgumentException($"Expected rows and a label for each, found {scores.Count} rows and {labels.Count} labels.", nameof(labels));
        double Surprise(double logarithm) =>
            scores.Select((row, i) => -LogProbability(row, labels[i], Math.Exp(logarithm))).Average();

        // The loss is convex in 1/temperature, so it also has a single minimum in the logarithm: golden-section search.
        var ratio = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (Math.Log(Coldest), Math.Log(Hottest));
        for (var step = 0; step < SearchSteps; step++)
        {
            var (left, right) = (high - (ratio * (high - low)), low + (ratio * (high - low)));
            if (Surprise(left) <= Surprise(right))
                high = right;
            else
                low = left;
        }

        return Math.Exp((low + high) / 2);
    }

    private static double LogProbability(IReadOnlyList<double> scores, int label, double temperature)
    {
        var largest = scores.Max();
        return ((scores[label] - largest) / temperature) - Math.Log(scores.Sum(score => Math.Exp((score - largest) / temperature)));
    }
}
