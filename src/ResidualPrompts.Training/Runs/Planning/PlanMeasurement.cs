using System.Diagnostics;
using ResidualPrompts.Data;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>
/// Measures training steps and scored batches of a run that will not be trained: its largest batches first, for the memory, then steps that are
/// spread over the lengths of an epoch, for the time. The learning rate stays so small that nothing moves.
/// </summary>
/// <param name="spec">The settings.</param>
/// <param name="data">The rows.</param>
/// <param name="trained">The trained parts.</param>
/// <param name="optimizer">The optimizer.</param>
internal sealed class PlanMeasurement(RunSpec spec, RunData data, TrainedParts trained, Optimizer optimizer)
{
    private const int MostSteps = 256;
    private const int LeastSteps = 4;
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ScoringTime = TimeSpan.FromSeconds(4);

    private int VirtualTokens => spec.VirtualTokenCount;

    /// <summary>Measures, and predicts the run.</summary>
    /// <param name="plan">Its facts.</param>
    /// <param name="loadPeak">The largest memory while model and data were loaded; null = it is not known.</param>
    /// <param name="cancellationToken">Checked after each step and batch.</param>
    internal PlanEstimate Estimate(TrainingPlan plan, long? loadPeak, CancellationToken cancellationToken)
    {
        using var memory = new MemoryPeak();
        var settings = SpecForTraining.Settings(spec, trained.Model.Model.Config, RunLength.Of(spec, data.Train.Rows.Count));
        using var best = plan.Steps.Evaluations > 0 ? trained.Release() : null; // a run keeps its best state
        var steps = Steps(settings, plan.Steps.Total, cancellationToken);
        var scoring = new ScoringMeasurement(data, trained.Model);
        var validation = scoring.WorkOf(DataSplit.Validation);
        if (validation is not null)
            scoring.MeasureAll(DataSplit.Validation, ScoringTime, cancellationToken);
        var test = plan.ScoresTest ? scoring.WorkOf(DataSplit.Test) : null;
        if (test is not null)
            scoring.MeasureAll(DataSplit.Test, ScoringTime, cancellationToken);
        var peak = memory.Bytes == 0 ? (long?)null : Math.Max(memory.Bytes, loadPeak ?? 0);
        return RunTime.Predict(plan, steps, MeanStepTokens(plan, spec, data), scoring.Curve, validation, test, peak,
            ScoresUntuned(plan, spec, data));
    }

    /// <summary>Whether the model will be scored untuned on the test rows: its score is wanted, and not kept.</summary>
    internal static bool ScoresUntuned(TrainingPlan plan, RunSpec spec, RunData data) =>
        plan.ScoresTest && !TestBaselines.IsUntunedKept(spec, data, BaselineCache.OfUser);

    /// <summary>Tokens of a step, in the mean of an epoch.</summary>
    internal static double MeanStepTokens(TrainingPlan plan, RunSpec spec, RunData data) =>
        data.Train.Examples.Sum(example => (double)example.InputIds.Length + spec.VirtualTokenCount) / plan.Steps.PerEpoch;

    private CostCurve Steps(TrainingSettings settings, long stepCount, CancellationToken cancellationToken)
    {
        var examples = data.Train.Examples;
        var order = RunWork.LargestBatches(settings, examples, VirtualTokens).Select(batch => Filled(batch, settings))
            .Concat(Repeated([.. RunWork.TypicalSteps(settings, examples)])).Take((int)Math.Min(MostSteps, stepCount + 2)).ToList();
        using var state = new TrainingState();
        var trainer = new Trainer(
            trained,
            optimizer,
            settings with
            {
                EpochCount = 1,
                Shuffle = false,
                Patience = null,
                Schedule = new Schedule(WarmupSteps: long.MaxValue), // a rate of nearly 0
            },
            [.. order.SelectMany(step => step).Select(i => examples[i])],
            validate: null,
            state);
        var curve = new CostCurve();
        var start = Stopwatch.GetTimestamp();
        var last = start;
        foreach (var step in trainer.Run().OfType<StepCompleted>())
        {
            var now = Stopwatch.GetTimestamp();
            curve.Add(step.TokenCount, Stopwatch.GetElapsedTime(last, now).TotalSeconds);
            cancellationToken.ThrowIfCancellationRequested();
            if (curve.Count >= LeastSteps && Stopwatch.GetElapsedTime(start) > StepTime)
                break;
            last = Stopwatch.GetTimestamp();
        }

        return curve;
    }

    /// <summary>A step of the usual number of examples that begins with a batch; the same rows again fill it.</summary>
    private int[] Filled(int[] batch, TrainingSettings settings)
    {
        var size = Math.Min(settings.BatchSize * settings.AccumulationCount, data.Train.Examples.Count);
        return [.. Enumerable.Range(0, size).Select(i => batch[i % batch.Length])];
    }

    private static IEnumerable<T> Repeated<T>(T[] items)
    {
        while (true)
        {
            foreach (var item in items)
                yield return item;
        }
    }
}
