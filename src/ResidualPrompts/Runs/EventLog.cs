using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>
/// The two logs of a run: <c>events.jsonl</c>, the only interface between a run and whoever watches it, and <c>metrics.csv</c>, a row for
/// each evaluation.
/// </summary>
internal sealed class EventLog : IDisposable
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly AppendedFile _events;
    private readonly AppendedFile _metrics;

    private readonly IReadOnlyList<string> _metricNames;

    internal EventLog(RunDirectory directory, ResumeCheckpoint.LogLengths lengths, IReadOnlyList<string> metricNames)
    {
        _metricNames = metricNames;
        _events = new AppendedFile(directory.Events, lengths.Events);
        _metrics = new AppendedFile(directory.Metrics, lengths.Metrics);
        if (_metrics.Length == 0)
            _metrics.AppendLine($"step,epoch,split,{string.Join(',', metricNames)},example_count,invalid_count,is_best,duration_seconds");
    }

    internal void Append(TrainingEvent happened)
    {
        var json = new JsonObject { ["event"] = NameOf(happened), ["time"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(happened, happened.GetType(), Snake)!.AsObject().ToArray())
            json[key] = value?.DeepClone();
        _events.AppendLine(json.ToJsonString());
        if (happened is EvaluationCompleted evaluation)
            _metrics.AppendLine(Row(evaluation));
    }

    /// <summary>Lengths of both logs, once the disk has them.</summary>
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

    private static string NameOf(TrainingEvent happened) => happened switch
    {
        StepCompleted => "step",
        EvaluationCompleted => "evaluation",
        EpochCompleted => "epoch",
        PatienceExhausted => "patience_exhausted",
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not one of the events defined."),
    };

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
