using System.Text.Json.Serialization;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Statistics;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>Metrics of one split.</summary>
/// <param name="N">Number of labeled examples.</param>
/// <param name="Invalid">Number of answers that fit no outcome.</param>
/// <param name="Metrics">Values by name, as fractions; null where undefined.</param>
/// <param name="Undefined">Why a metric is undefined, by name.</param>
/// <param name="Outcomes">The outcomes, in label order; empty when answers are texts or numbers.</param>
/// <param name="Confusion">Counts by right outcome (rows) and predicted outcome (columns; the last column counts invalid answers).</param>
public sealed record SplitResult(
    int N, int Invalid, IReadOnlyDictionary<string, double?> Metrics, IReadOnlyDictionary<string, string> Undefined,
    IReadOnlyList<string> Outcomes, int[][] Confusion)
{
    /// <summary>Notes for a reader of the numbers, one sentence each; null = none.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    /// <summary>
    /// Computes the intervals of the metrics, which takes up to seconds; null where they were not asked for. They follow from the predictions and are
    /// not kept.
    /// </summary>
    [JsonIgnore]
    internal Func<IReadOnlyList<MetricInterval>>? Intervals { get; init; }

    /// <summary>A metric by its name: a fraction, or null where <see cref="Undefined"/> has the reason.</summary>
    /// <param name="metric">The name, such as <c>accuracy</c>.</param>
    /// <exception cref="KeyNotFoundException">The task has no metric of that name; the message lists the available ones.</exception>
    public double? this[string metric] => Metrics.TryGetValue(metric, out var value)
        ? value
        : throw new KeyNotFoundException($"There is no metric '{metric}', expected {string.Join(", ", Metrics.Keys)}.");

    /// <summary>The event of an evaluation with this result.</summary>
    internal EvaluationCompleted ToEvent(string split, TrainingState state, TimeSpan duration) =>
        new(state.Step, state.Epoch, split, Metrics, N, Invalid, IsBest: false, duration.TotalSeconds);

    /// <summary>Scores predictions, and writes them to a file if one is given.</summary>
    /// <param name="evaluator">The evaluator that made them.</param>
    /// <param name="predictions">The predictions.</param>
    /// <param name="file">The file, which is replaced, and the rows that were predicted; null = none.</param>
    /// <param name="withIntervals">Whether the result can tell the intervals, for which it keeps the predictions.</param>
    internal static SplitResult Of(
        Evaluator evaluator, IEnumerable<Prediction> predictions, (string Path, IReadOnlyList<Example> Rows)? file = null, bool withIntervals = false)
    {
        Prediction[] all = [.. predictions];
        if (file is var (path, rows))
            PredictionJson.Write(path, all, rows);
        var report = evaluator.Report(all);
        return Of(report) with { Intervals = withIntervals ? () => MetricIntervals.Of(evaluator.Metrics, report, all) : null };
    }

    /// <summary>Converts a report.</summary>
    /// <param name="report">The report.</param>
    internal static SplitResult Of(EvaluationReport report)
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

/// <summary>The result of a finished run.</summary>
/// <param name="Steps">Optimizer updates.</param>
/// <param name="Epochs">Complete passes over the data.</param>
/// <param name="Released">The released state: best or last.</param>
/// <param name="ReleasedEpoch">The epoch of the released state, from 1; it need not be complete.</param>
/// <param name="TrainedParameters">Number of trained parameters, including the network's.</param>
/// <param name="Validation">Metrics of the released prompt or model, or null without a validation split.</param>
/// <param name="Test">Metrics of the released prompt or model on the test split, or null when not requested or without labels.</param>
/// <param name="DurationSeconds">Time of the last session of the run.</param>
public sealed record RunResult(
    long Steps, int Epochs, string Released, int ReleasedEpoch, long TrainedParameters, SplitResult? Validation, SplitResult? Test,
        double DurationSeconds)
{
    /// <summary>The step of the released state, from 1; null in records of earlier versions.</summary>
    public long? ReleasedStep { get; init; }

    /// <summary>The epoch of the best state by validation, from 1; null without validation, and in records of earlier versions.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>The step of the best state by validation, from 1; null without validation, and in records of earlier versions.</summary>
    public long? BestStep { get; init; }

    /// <summary>The released state in words: epoch, and step where it is recorded.</summary>
    internal string ReleasedState => $"epoch {ReleasedEpoch} of {Math.Max(Epochs, ReleasedEpoch)} "
        + (ReleasedStep is { } step ? $"(step {step} of {Steps})" : $"({Steps} steps)");

    /// <summary>What the test score is compared with; null without one, and in records of earlier versions.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal TestBaselines? Baselines { get; init; }
}
