using System.Diagnostics;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.States;

/// <summary>
/// Keeps <c>state.json</c> while a process trains a run: at each change of the state, and in between at most every ten seconds. It says "running"
/// before the record changes, and the end after the record says it: what a killed process leaves is never better than the run is. After the
/// first writing a failure is ignored, since the record has it all.
/// </summary>
internal sealed class RunStateWriter
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly RunDirectory _directory;
    private RunState _state;
    private long _written;

    private RunStateWriter(RunDirectory directory, RunState state) => (_directory, _state) = (directory, state);

    /// <summary>Writes that a process begins. The caller holds the run's lock.</summary>
    /// <param name="directory">The run.</param>
    /// <param name="stepCount">Optimizer updates of the entire run.</param>
    /// <param name="identity">What makes it this run.</param>
    /// <param name="continues">Whether the run continues from a checkpoint.</param>
    /// <exception cref="RunException">The file cannot be written.</exception>
    internal static RunStateWriter Begin(RunDirectory directory, long stepCount, RunIdentity identity, bool continues)
    {
        var earlier = RunState.Read(directory);
        var isAnother = earlier?.Status is RunStatus.Running or RunStatus.Failed;
        var state = (continues ? earlier : null) ?? new RunState(RunStatus.Running);
        var writer = new RunStateWriter(directory, state with
        {
            Status = RunStatus.Running,
            StepCount = stepCount,
            Identity = identity.Name,
            HasTest = false,
            Attempts = isAnother ? earlier!.Attempts + 1 : 1,
            Process = ProcessIdentity.Current,
            Job = SchedulerJob.Current,
        });
        try
        {
            writer.Write();
            return writer;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(directory.Path, e);
        }
    }

    /// <summary>Takes over where the checkpoint is: what was written last may be older, or newer.</summary>
    /// <param name="state">The position.</param>
    /// <param name="metric">The name of the task's first metric.</param>
    internal void ContinueAt(TrainingState state, string metric) => _state = _state with
    {
        Step = state.Step,
        Epoch = state.Epoch,
        Metric = state.BestValue is null ? _state.Metric : metric,
        Best = state.BestValue,
    };

    /// <summary>Follows the run.</summary>
    internal void After(TrainingEvent trainingEvent)
    {
        _state = trainingEvent switch
        {
            StepCompleted step => _state with { Step = step.Step, Epoch = step.Epoch },
            EvaluationCompleted { IsValidation: true } evaluation => After(evaluation),
            _ => _state,
        };
        if (Stopwatch.GetElapsedTime(_written) >= Interval)
            WriteQuietly();
    }

    /// <summary>Notes that the run has another checkpoint, so that the next process does not begin where this one did.</summary>
    internal void Saved()
    {
        if (_state.Attempts == 1)
            return;
        _state = _state with { Attempts = 1 };
        WriteQuietly();
    }

    /// <summary>Writes that the process ends; the record says it already.</summary>
    /// <param name="status">How.</param>
    /// <param name="hasTest">Whether the result has a score of the test split.</param>
    internal void End(RunStatus status, bool hasTest = false)
    {
        _state = _state with { Status = status, HasTest = hasTest };
        WriteQuietly();
    }

    /// <summary>Writes the end of a run whose process was killed when its record said it already.</summary>
    internal static void Repair(RunDirectory directory)
    {
        if (RunState.Read(directory) is not { Status: RunStatus.Running })
            return;
        try
        {
            using var held = RunLock.Take(directory);
            if (RunState.Read(directory) is { Status: RunStatus.Running } left)
                new RunStateWriter(directory, left.Known(directory)).WriteQuietly();
        }
        catch (RunException)
        {
            // Somebody makes it longer, or it may only be read.
        }
    }

    private RunState After(EvaluationCompleted evaluation)
    {
        var (metric, value) = evaluation.Metrics.FirstOrDefault();
        return _state with { Metric = metric, Value = value, Best = evaluation.IsBest ? value : _state.Best };
    }

    private void WriteQuietly()
    {
        try
        {
            Write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next writing may succeed.
        }
    }

    private void Write()
    {
        (_state with { Time = DateTime.UtcNow }).Write(_directory);
        _written = Stopwatch.GetTimestamp();
    }
}
