using System.Globalization;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>The progress of a run in a pipe: lines with the time (UTC), and while it trains with rate and remaining time.</summary>
/// <param name="notes">What has been said of the run's notes and warnings.</param>
/// <param name="write">Writes a line.</param>
/// <param name="clock">The clock.</param>
internal sealed class TrainingLines(RunNotes notes, Action<string> write, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongEvaluation = TimeSpan.FromSeconds(10);
    private long _lastLine = clock.GetTimestamp();
    private TrainingText _text = new(0);
    private TrainingPace _pace = new(0, clock);
    private TrainingPlan? _plan;
    private int _epochs;
    private double _evaluationSeconds;
    private bool _isScoring;

    internal RunObserver Observer => new(Start, Event)
    {
        CardUsage = CardCommands.Of,
        OnLoading = () => Write("loading the model and the data"),
        OnEvaluating = Evaluating,
        OnEstimate = estimate => Write(PlanLines.Estimate(estimate, _plan!.Steps)),
    };

    /// <summary>Writes what is still to be said when the run has ended.</summary>
    internal void End() => Write(_text.Rest());

    private void Start(RunStart start)
    {
        (_epochs, _plan) = (start.EpochCount, start.Plan);
        foreach (var line in _plan is null ? [] : PlanLines.Facts(_plan))
            Write(line);
        notes.Begin(start, Write);
        (_text, _pace) = (new TrainingText(_epochs), new TrainingPace(start.StepCount, clock));
        Write($"training {start.TrainedParameters} parameters on {start.TrainCount} examples, {start.StepsPerEpoch} steps per epoch, "
            + $"{start.ValidationCount} validation examples"
            + (start.CompletedSteps > 0 ? $"; continuing after step {start.CompletedSteps}" : ""));
        if (start.Length is { } length)
            Write(length);
    }

    private void Event(TrainingEvent happened)
    {
        Write(_text.Of(happened));
        if (happened is EvaluationCompleted evaluation)
            _evaluationSeconds = evaluation.DurationSeconds;
        if (happened is not StepCompleted step)
            return;
        _pace.Add(step);
        if (clock.GetElapsedTime(_lastLine) >= Interval)
            Write(Line([$"epoch {step.Epoch}/{_epochs}", $"step {step.Step}", $"loss {TrainingText.Number(step.Loss)}"]));
    }

    /// <summary>Only where it will take some time: else it says nothing that the next line does not say.</summary>
    private void Evaluating(DataSplit split)
    {
        _isScoring = split == DataSplit.Test; // after the last step
        if (split != DataSplit.Validation || _evaluationSeconds > LongEvaluation.TotalSeconds)
            Write(TrainingText.Of(split));
    }

    private void Write(IEnumerable<string[]> lines)
    {
        foreach (var parts in lines)
            Write(Line(parts));
    }

    private string Line(string[] parts) => TrainingText.Fit(
        parts.Length == 1 || _pace.Rate.Length == 0 || _isScoring ? parts
            : [.. parts, $"{_pace.Rate} steps/s", _pace.Left.Length > 0 ? $"{_pace.Left} left" : ""],
        int.MaxValue);

    private void Write(string line)
    {
        write($"{clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}  {line}");
        _lastLine = clock.GetTimestamp();
    }
}
