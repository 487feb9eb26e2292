using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Runs;

/// <summary>Metrics of one split.</summary>
/// <param name="N">Labelled examples.</param>
/// <param name="Invalid">Answers that mean no outcome.</param>
/// <param name="Metrics">By name, as fractions; null where undefined.</param>
/// <param name="Undefined">Why a metric is undefined, by name.</param>
/// <param name="Outcomes">The outcomes, in label order; empty when answers are texts or numbers.</param>
/// <param name="Confusion">Examples by right outcome (rows) and predicted one (columns, the last one for invalid answers).</param>
public sealed record SplitResult(
    int N, int Invalid, IReadOnlyDictionary<string, double?> Metrics, IReadOnlyDictionary<string, string> Undefined, IReadOnlyList<string> Outcomes, int[][] Confusion)
{
    /// <summary>What a reader of the numbers should know, one sentence each; null = nothing.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    /// <summary>A metric by its name: a fraction, or null where <see cref="Undefined"/> says why there is none.</summary>
    /// <param name="metric">The name, such as <c>accuracy</c>.</param>
    /// <exception cref="KeyNotFoundException">The task has no metric of that name; the message lists those that there are.</exception>
    public double? this[string metric] => Metrics.TryGetValue(metric, out var value)
        ? value
        : throw new KeyNotFoundException($"There is no metric '{metric}', expected {string.Join(", ", Metrics.Keys)}.");

    /// <summary>Takes the numbers of a report.</summary>
    /// <param name="report">The report.</param>
    public static SplitResult Of(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = report.Confusion;
        var labels = Enumerable.Range(0, table?.Labels.Count ?? 0).ToArray();
        return new SplitResult(
            report.Count,
            report.InvalidCount,
            report.Metrics.ToDictionary(metric => metric.Name, metric => metric.Value),
            report.Metrics.Where(metric => metric.Undefined is not null).ToDictionary(metric => metric.Name, metric => metric.Undefined!),
            table?.Labels ?? [],
            [.. labels.Select(reference => labels.Select(predicted => table![reference, predicted]).Append(table!.Invalid(reference)).ToArray())])
        {
            Notes = report.Notes.Count > 0 ? report.Notes : null,
        };
    }
}

/// <summary>What came out of a finished run.</summary>
/// <param name="Steps">Optimizer updates.</param>
/// <param name="Epochs">Complete passes over the data.</param>
/// <param name="Released">Which prompt was released: best or last.</param>
/// <param name="ReleasedEpoch">The epoch that it comes from.</param>
/// <param name="TrainedParameters">Numbers that trained, the network's included.</param>
/// <param name="Validation">Metrics of the released prompt, or null without a validation split.</param>
/// <param name="Test">Metrics of the released prompt on the test split, or null when not asked for or not labelled.</param>
/// <param name="DurationSeconds">Time of the last session of the run.</param>
public sealed record RunResult(
    long Steps, int Epochs, string Released, int ReleasedEpoch, long TrainedParameters, SplitResult? Validation, SplitResult? Test, double DurationSeconds);
