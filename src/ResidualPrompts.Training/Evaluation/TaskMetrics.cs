using System.Text.Json;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Evaluation;

/// <summary>The metrics of a task, ready to score predictions.</summary>
internal sealed class TaskMetrics
{
    private const string AggregateName = "aggregate";
    private const string NoExamples = "no examples";

    private static readonly Dictionary<string, Func<ConfusionTable, string?, IReadOnlyList<Prediction>, Metric>> OfLabels = new()
    {
        ["accuracy"] = (table, _, _) => LabelMetrics.Accuracy(table),
        ["f1_macro"] = (table, _, _) => LabelMetrics.MacroF1(table),
        ["f1"] = (table, positive, _) => LabelMetrics.F1(table, positive),
        ["f1a"] = (table, positive, _) => LabelMetrics.F1(table, positive),
        ["matthews"] = (table, _, _) => LabelMetrics.Matthews(table),
        ["em"] = (_, _, predictions) => GroupMetrics.AllRight(predictions),
        ["gender_parity"] = (_, _, predictions) => GroupMetrics.EqualPairs(predictions),
    };

    private static readonly Dictionary<string, Func<IReadOnlyList<Prediction>, Metric>> OfTexts = new()
    {
        ["em"] = AnswerMetrics.ExactMatch,
        ["f1"] = AnswerMetrics.F1,
        ["pearson"] = Correlations.Pearson,
        ["spearman"] = Correlations.Spearman,
    };

    private static readonly Dictionary<string, Func<IReadOnlyList<Prediction>, Metric>> OfTheOriginal = new()
    {
        ["accuracy"] = OriginalMetrics.Accuracy,
        ["f1_macro"] = OriginalMetrics.MacroF1,
        ["f1_micro"] = OriginalMetrics.Accuracy, // over single labels, micro F1 is the accuracy
        ["matthews"] = OriginalMetrics.Matthews,
        ["pearson"] = OriginalMetrics.Pearson,
        ["em"] = OriginalMetrics.ExactMatch,
        ["f1"] = OriginalMetrics.F1,
    };

    private readonly IReadOnlyList<string> _outcomes;
    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<string> _aggregate;
    private readonly string? _positive;
    private readonly bool _isOriginal;

    private TaskMetrics(
        IReadOnlyList<string> outcomes, IReadOnlyList<string> names, IReadOnlyList<string> aggregate, string? positive, bool isOriginal) =>
        (_outcomes, _names, _aggregate, _positive, _isOriginal) = (outcomes, names, aggregate, positive, isOriginal);

    /// <summary>The names of the metrics, in the order of reports.</summary>
    public IReadOnlyList<string> Names => _aggregate.Count > 0 ? [AggregateName, .. _names] : _names;

    /// <summary>Equal for metrics that give equal values.</summary>
    internal string Key => JsonSerializer.Serialize(new object?[] { _outcomes, _names, _aggregate, _positive, _isOriginal });

    /// <summary>The metrics of a task.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="TaskException">The task names a metric that does not exist for its kind of answers.</exception>
    public static TaskMetrics Of(TaskDefinition task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var isOriginal = task.AnswerRule is AnswerRule.Original or AnswerRule.OriginalList;
        IReadOnlyCollection<string> known = isOriginal ? OfTheOriginal.Keys : task.Outcomes.Count > 0 ? OfLabels.Keys : OfTexts.Keys;
        foreach (var name in task.Metrics.Concat(task.Aggregate).Where(name => !known.Contains(name)))
            throw TaskException.UnknownMetric(task.Name, name, known);
        return new TaskMetrics(task.Outcomes, task.Metrics, task.Aggregate, task.PositiveLabel ?? task.Outcomes.ElementAtOrDefault(1), isOriginal);
    }

    /// <summary>Accuracy and macro F1 over outcomes without a task.</summary>
    /// <param name="outcomes">The possible predictions.</param>
    public static TaskMetrics OfOutcomes(IReadOnlyList<string> outcomes) => new(outcomes, ["accuracy", "f1_macro"], [], null, isOriginal: false);

    /// <summary>Scores predictions by all metrics.</summary>
    /// <param name="predictions">The predictions, in any order.</param>
    /// <exception cref="ArgumentException">A reference is not a label.</exception>
    public EvaluationReport Report(IEnumerable<Prediction> predictions)
    {
        Prediction[] known = [.. predictions.Where(prediction => prediction.IsKnown)];
        var table = _outcomes.Count > 0 ? new ConfusionTable(known, _outcomes) : null;
        var notes = new List<string>();
        var invalid = table is null ? known.Count(prediction => prediction.Invalid) : Enumerable.Range(0, _outcomes.Count).Sum(table.Invalid);
        if (invalid > 0 && invalid == known.Length)
            notes.Add($"{invalid} of {known.Length} answers are {(table is null ? "not valid answers" : "not label words")}.");
        if (table is not null && known.Length > 0)
            notes.AddRange(_outcomes.Where((_, label) => table.PredictedCount(label) == 0).Select(outcome => $"'{outcome}' was never predicted."));
        var metrics = _names.Select(name =>
        {
            var metric = known.Length == 0 ? Metric.None(NoExamples) : Compute(name, table, known);
            if (metric.Note is { } note)
                notes.Add(note);
            return metric with { Name = name, Note = null }; // the report's notes have it now
        }).ToList();
        if (_aggregate.Count > 0)
            metrics.Insert(0, Mean([.. metrics.Where(metric => _aggregate.Contains(metric.Name))]));
        return new EvaluationReport(known.Length, invalid, metrics, table, [.. notes.Distinct()]);
    }

    /// <summary>The metrics as functions of chosen rows, for intervals.</summary>
    /// <param name="known">Predictions with a known right answer.</param>
    internal IReadOnlyList<ResampledMetric> Resampled(IReadOnlyList<Prediction> known)
    {
        ResampledMetric[] own = [.. _names.Select(name => Resampled(name, known))];
        return _aggregate.Count == 0 ? own
            : [ResampledMetric.MeanOf(AggregateName, [.. own.Where(metric => _aggregate.Contains(metric.Name))]), .. own];
    }

    private ResampledMetric Resampled(string name, IReadOnlyList<Prediction> known)
    {
        if (_isOriginal)
            return name is "accuracy" or "f1_micro" ? MeanOfRows() : Whole(OfTheOriginal[name]);
        if (_outcomes.Count == 0)
            return name is "em" or "f1" ? MeanOfRows() : Whole(OfTexts[name]);
        return name switch
        {
            "accuracy" => ResampledMetric.Mean(name, [.. known.Select(prediction => prediction.Predicted == prediction.Reference ? 1.0 : 0)]),
            "em" => ResampledMetric.MeanOfGroups(name, [.. GroupMetrics.ScoresOfAll(known)], known.Count),
            "gender_parity" => ResampledMetric.MeanOfGroups(name, [.. GroupMetrics.ScoresOfPairs(known)], known.Count),
            _ => ResampledMetric.OfTable(name, table => OfLabels[name](table, _positive, known).Value, _outcomes, known),
        };

        // The score of a row is the metric of this row alone.
        ResampledMetric MeanOfRows() => ResampledMetric.Mean(name, [.. known.Select(prediction => Compute(name, null, [prediction]).Value ?? 0)]);

        ResampledMetric Whole(Func<IReadOnlyList<Prediction>, Metric> metric) => new(name, rows => metric([.. rows.Select(row => known[row])]).Value);
    }

    private Metric Compute(string name, ConfusionTable? table, Prediction[] known) =>
        _isOriginal ? OfTheOriginal[name](known) : table is not null ? OfLabels[name](table, _positive, known) : OfTexts[name](known);

    private static Metric Mean(IReadOnlyList<Metric> metrics) => metrics.FirstOrDefault(metric => metric.Value is null) is { } undefined
        ? new Metric(AggregateName, null, undefined.Undefined)
        : new Metric(AggregateName, metrics.Average(metric => metric.Value!.Value));
}
