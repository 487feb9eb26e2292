using System.Diagnostics;
using ResidualPrompts.Data;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>Estimates the rest of a run from its own first steps.</summary>
/// <param name="plan">The facts.</param>
/// <param name="spec">The settings.</param>
/// <param name="data">The rows.</param>
/// <param name="trained">The trained parts.</param>
/// <param name="state">The position of the run.</param>
internal sealed class RunningEstimate(TrainingPlan plan, RunSpec spec, RunData data, TrainedParts trained, TrainingState state) : IDisposable
{
    private const int Steps = 20;
    private const int LeastSteps = 4;
    private const int ScoredRows = 8;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ScoringTime = TimeSpan.FromSeconds(0.5);

    private readonly CostCurve _steps = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly long _memoryBefore = Environment.WorkingSet;
    private readonly long _completedSteps = state.Step;
    private MemoryPeak? _memory = new();
    private long _largestTokens;

    /// <summary>The estimate, once, after enough steps; null at all other events.</summary>
    internal PlanEstimate? After(TrainingEvent trainingEvent, CancellationToken cancellationToken)
    {
        if (_memory is null || trainingEvent is not StepCompleted step)
            return null;
        _steps.Add(step.TokenCount, step.DurationSeconds);
        _largestTokens = Math.Max(_largestTokens, step.TokenCount);
        if (_steps.Count < Steps && (_steps.Count < LeastSteps || Stopwatch.GetElapsedTime(_start) < Time))
            return null;
        try
        {
            return Estimate(cancellationToken);
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
    }

    private PlanEstimate Estimate(CancellationToken cancellationToken)
    {
        var peak = Peak();
        var scoring = new ScoringMeasurement(data, trained.Model);
        var validation = scoring.WorkOf(DataSplit.Validation);
        var test = plan.ScoresTest ? scoring.WorkOf(DataSplit.Test) : null;
        if (validation is not null || test is not null)
        {
            scoring.MeasureSome(
                validation is null ? DataSplit.Test : DataSplit.Validation, ScoredRows, ScoringTime, cancellationToken);
        }

        var left = (double)(plan.Steps.Total - _completedSteps) / plan.Steps.Total;
        var rest = plan with
        {
            Steps = plan.Steps with
            {
                Total = plan.Steps.Total - _completedSteps,
                Epochs = (int)Math.Ceiling(plan.Steps.Epochs * left),
                Evaluations = (int)Math.Ceiling(plan.Steps.Evaluations * left),
            },
        };
        return RunTime.Predict(rest, _steps, PlanMeasurement.MeanStepTokens(plan, spec, data), scoring.Curve, validation, test, peak,
            PlanMeasurement.ScoresUntuned(plan, spec, data));
    }

    /// <summary>The memory of the steps grows with the largest batch; the best state, if none is kept yet, comes to it.</summary>
    private long? Peak()
    {
        if (ProcessMemory.PeakBytes is not { } soFar)
            return null;
        var settings = SpecForTraining.Settings(spec, trained.Model.Model.Config, RunLength.Of(spec, data.Train.Rows.Count));
        var largest = RunWork.LargestBatches(settings, data.Train.Examples, spec.VirtualTokenCount)
            .Max(batch => batch.Sum(i => (long)data.Train.Examples[i].InputIds.Length + spec.VirtualTokenCount));
        var ofSteps = Math.Max(0, _memory!.Bytes - _memoryBefore) * Math.Max(1, largest * (double)spec.Accumulation / Math.Max(1, _largestTokens));
        var best = plan.Steps.Evaluations > 0 && state.Best is null ? sizeof(float) * plan.TrainedParameters.Total : 0;
        return Math.Max(soFar, _memoryBefore + (long)ofSteps + best);
    }
}
