using System.Security.Cryptography;
using System.Text;
using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Statistics;

/// <summary>A metric of one run with its interval.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Estimate">Its value with the interval, or the reason why there is none.</param>
/// <param name="RowCount">Rows that count, n.</param>
/// <param name="ClusterCount">Their clusters; as many as rows where rows are independent.</param>
/// <param name="LargestStep">The most that one other answer can change; null where that is not known.</param>
internal sealed record MetricInterval(string Metric, Estimate Estimate, int RowCount, int ClusterCount, double? LargestStep);

/// <summary>
/// The intervals of the metrics of one run, by one rule each: an accuracy over independent rows by <see cref="Wilson"/>, over clusters by
/// <see cref="ClusterMean"/>, any other metric by <see cref="BootstrapInterval"/>.
/// </summary>
internal static class MetricIntervals
{
    private const string Accuracy = "accuracy";
    private const string MacroF1 = "f1_macro";

    /// <summary>Rows that a class needs before an interval of macro-F1, which counts it as much as any other, means something.</summary>
    private const int LeastOfClass = 5;

    /// <summary>The intervals of the metrics that have a value, in the order of reports.</summary>
    /// <param name="metrics">The task's metrics.</param>
    /// <param name="report">Their values.</param>
    /// <param name="predictions">The predictions; those without a known right answer do not count.</param>
    internal static IReadOnlyList<MetricInterval> Of(TaskMetrics metrics, EvaluationReport report, IEnumerable<Prediction> predictions)
    {
        Prediction[] known = [.. predictions.Where(prediction => prediction.IsKnown)];
        if (known.Length == 0)
            return [];
        var clusters = Clusters.Of([.. known.Select(prediction => prediction.Cluster)]);
        var values = report.Metrics.Where(metric => metric.Value is not null)
            .ToDictionary(metric => metric.Name, metric => metric.Value!.Value);
        var rarest = known.CountBy(prediction => prediction.Reference ?? "").MinBy(label => label.Value);
        return
        [
            .. metrics.Resampled(known).Where(metric => values.ContainsKey(metric.Name)).Select(metric => new MetricInterval(
                metric.Name, Interval(metric, values[metric.Name]), known.Length, clusters.Count, metric.LargestStep)),
        ];

        Estimate Interval(ResampledMetric metric, double value)
        {
            if (metric is { Name: Accuracy, Scores: { } scores })
                return clusters.AreRows ? Wilson.Of((int)Math.Round(scores.Sum()), scores.Count) : ClusterMean.Of(scores, clusters);
            if (metric.Name == MacroF1 && rarest.Value < LeastOfClass)
                return Estimate.Without(value, $"only {rarest.Value} rows of class '{rarest.Key}', an interval of macro-F1 needs {LeastOfClass}");
            return BootstrapInterval.Of(clusters, metric.Of, Seed(metric.Name, known)) with { Value = value };
        }
    }

    /// <summary>The same predictions give the same interval, on any machine.</summary>
    private static ulong Seed(string metric, IReadOnlyList<Prediction> known)
    {
        var text = string.Join('\n', known.Select(prediction => $"{prediction.Index} {prediction.Predicted} {prediction.Reference}").Prepend(metric));
        return BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
