namespace ResidualPrompts.Evaluation;

/// <summary>
/// A metric as a function of chosen rows, of which one may be chosen several times: what a bootstrap and a jackknife need. What depends on single
/// rows is computed once.
/// </summary>
/// <param name="Name">The metric.</param>
/// <param name="Of">The metric of rows, by their places in the list of predictions; null where it is undefined.</param>
/// <param name="Scores">The score of each row where the metric is their mean; null elsewhere.</param>
/// <param name="LargestStep">The largest change that one other answer can make; null where that is not known.</param>
internal sealed record ResampledMetric(
    string Name, Func<IReadOnlyList<int>, double?> Of, IReadOnlyList<double>? Scores = null, double? LargestStep = null)
{
    /// <summary>A metric that is the mean of a score of each row.</summary>
    internal static ResampledMetric Mean(string name, IReadOnlyList<double> scores) => new(
        name, rows => rows.Average(row => scores[row]), scores, 1.0 / scores.Count);

    /// <summary>
    /// A metric that is the mean of a score of each group. A group stands in the place of its first row, so that a group that is drawn twice counts
    /// twice.
    /// </summary>
    /// <param name="name">The metric.</param>
    /// <param name="groups">The groups that count: the places of their rows, and their scores.</param>
    /// <param name="rowCount">Number of rows.</param>
    internal static ResampledMetric MeanOfGroups(string name, IReadOnlyList<(IReadOnlyList<int> Rows, double Score)> groups, int rowCount)
    {
        var (scores, weights) = (new double[rowCount], new double[rowCount]);
        foreach (var (rows, score) in groups)
            (scores[rows[0]], weights[rows[0]]) = (score, 1);
        return new ResampledMetric(
            name,
            rows => rows.Sum(row => weights[row]) is > 0 and var weight ? rows.Sum(row => scores[row] * weights[row]) / weight : null,
            LargestStep: groups.Count > 0 ? 1.0 / groups.Count : null);
    }

    /// <summary>A metric of the counts of a confusion table.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="metric">Computes it.</param>
    /// <param name="outcomes">The labels in order.</param>
    /// <param name="known">The predictions.</param>
    internal static ResampledMetric OfTable(
        string name, Func<ConfusionTable, double?> metric, IReadOnlyList<string> outcomes, IReadOnlyList<Prediction> known)
    {
        (int Reference, int Predicted)[] cells = [.. ConfusionTable.CellsOf(known, outcomes)];

        int[,] Counts(IEnumerable<int> rows)
        {
            var counts = new int[outcomes.Count, outcomes.Count + 1];
            foreach (var row in rows)
                counts[cells[row].Reference, cells[row].Predicted]++;
            return counts;
        }

        double? OfRows(IReadOnlyList<int> rows) => metric(new ConfusionTable(outcomes, Counts(rows)));

        // Rows with the same right and the same predicted label are alike, so one of each is enough.
        double? Step()
        {
            var counts = Counts(Enumerable.Range(0, known.Count));
            if (metric(new ConfusionTable(outcomes, counts)) is not { } whole)
                return null;
            double largest = 0;
            foreach (var (reference, predicted) in cells.Distinct())
            {
                for (var other = 0; other < outcomes.Count; other++)
                {
                    counts[reference, predicted]--;
                    counts[reference, other]++;
                    largest = Math.Max(largest, Math.Abs((metric(new ConfusionTable(outcomes, counts)) ?? whole) - whole));
                    counts[reference, other]--;
                    counts[reference, predicted]++;
                }
            }

            return largest;
        }

        return new ResampledMetric(name, OfRows, LargestStep: Step());
    }

    /// <summary>The mean of metrics; undefined where one of them is.</summary>
    internal static ResampledMetric MeanOf(string name, IReadOnlyList<ResampledMetric> metrics) => new(
        name,
        rows =>
        {
            double sum = 0;
            foreach (var metric in metrics)
            {
                if (metric.Of(rows) is not { } value)
                    return null;
                sum += value;
            }

            return sum / metrics.Count;
        },
        LargestStep: metrics.All(metric => metric.LargestStep is not null) ? metrics.Average(metric => metric.LargestStep!.Value) : null);
}
