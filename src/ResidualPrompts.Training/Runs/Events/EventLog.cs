using System.Globalization;
using ResidualPrompts.Files;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Events;

/// <summary>
/// The two logs of a run: <c>events.jsonl</c>, the only interface between a run and its watchers, and <c>metrics.csv</c>, with one row per
/// evaluation.
/// </summary>
internal sealed class EventLog : IDisposable
{
    private readonly AppendOnlyFile _events;
    private readonly AppendOnlyFile _metrics;

    private readonly IReadOnlyList<string> _metricNames;

    internal EventLog(RunDirectory directory, ResumeCheckpoint.LogLengths lengths, IReadOnlyList<string> metricNames)
    {
        _metricNames = metricNames;
        _events = new AppendOnlyFile(directory.Events, lengths.Events);
        _metrics = new AppendOnlyFile(directory.Metrics, lengths.Metrics);
        if (_metrics.Length == 0)
            _metrics.AppendLine($"step,epoch,split,{string.Join(',', metricNames)},example_count,invalid_count,is_best,duration_seconds");
    }

    internal void Append(TrainingEvent trainingEvent)
    {
        _events.AppendLine(EventFormat.Line(trainingEvent));
        if (trainingEvent is EvaluationCompleted evaluation)
            _metrics.AppendLine(Row(evaluation));
    }

    /// <summary>Flushes both logs to disk and returns their lengths.</summary>
    internal ResumeCheckpoint.LogLengths Flush()
    {
        _events.Flush();
        _metrics.Flush();
        return new ResumeCheckpoint.LogLengths(_events.Length, _metrics.Length);
    }

    public void Dispose()
    {
        _events.Dispose();
        _metrics.Dispose();
    }

    private string Row(EvaluationCompleted evaluation)
    {
        static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
        return string.Join(
            ',',
            evaluation.Step,
            evaluation.Epoch,
            evaluation.Split,
            string.Join(',', _metricNames.Select(name => Number(evaluation.Metrics.GetValueOrDefault(name)))),
            evaluation.ExampleCount,
            evaluation.InvalidCount,
            evaluation.IsBest ? "true" : "false",
            Number(evaluation.DurationSeconds));
    }
}
