using System.Diagnostics;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Randomness;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Release;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Scoring;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>
/// One session of a run, from its first step or its checkpoint until it is finished or stopped: it passes on the events of the loop, writes the logs
/// and the checkpoints, and keeps the record's status.
/// </summary>
internal sealed class TrainingSession
{
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(5);
    private readonly RunSpec _spec;
    private readonly RunDirectory? _directory;
    private readonly Backbone _backbone;
    private readonly RunData _data;
    private readonly EncodedSplit? _validation;
    private readonly EncodedSplit? _test;
    private readonly List<string> _notes = [];
    private readonly CancellationToken _stop;
    private RunObserver _observer;
    private RunLock? _lock;
    private RunStateWriter? _stateFile;

    internal TrainingSession(
        RunSpec spec, RunDirectory? directory, Backbone backbone, RunData data, RunObserver? observer, CancellationToken cancellationToken)
    {
        (_spec, _directory, _backbone, _data, _observer, _stop) = (spec, directory, backbone, data, observer ?? new RunObserver(), cancellationToken);
        _validation = _data.Encode(DataSplit.Validation);
        _test = _spec.Test ? _data.Encode(DataSplit.Test) : null; // a bad row shows before the training, not after it
        _notes.AddRange(_data.StartNotes(_validation, _test));
        if (BackboneOptions.CalibrationProblem is { } problem)
            _notes.Add(problem);
    }

    internal CompletedRun Train(RunRecord? earlier, RunMode mode)
    {
        var seeds = new Seeds(_spec.Seed);
        using var prompt = _spec.Method == TuningMethod.Full
            ? null
            : PromptFactory.Create(_data.Placed, _backbone, _data.LabelTokens, seeds.Initialization, _notes.Add);
        using var begun = prompt is null ? null : PromptHistory.Of(prompt);
        var trained = new TrainedParts(_backbone.Model, prompt, SpecForTraining.TrainsWeight(_spec, _backbone.Model));
        using var optimizer = OptimizerFactory.Create(_spec, trained);
        using var state = new TrainingState();
        var record = SpecForTraining.Record(_spec, _backbone, _data, prompt).Begin(earlier);
        if (_directory is null)
            return Run(record, trained, optimizer, state, log: null, begun);
        if (earlier?.Inputs.OtherRows(record.Inputs) is { Count: > 0 } splits)
            throw RunException.OtherRows(_directory.Path, splits, resumes: true);
        if (earlier is not null && earlier.Inputs.Differences(record.Inputs) is { Count: > 0 } changed)
            throw RunException.Changed(_directory.Path, changed, earlier.Inputs.FormerModel);

        _observer.OnReady?.Invoke();
        _directory.Create();
        using var held = _lock = RunLock.Take(_directory);
        if (held.Problem is { } noLock)
            _notes.Add(noLock);
        if (earlier is null && mode != RunMode.Overwrite && File.Exists(_directory.Record))
            throw RunException.Exists(_directory.Path); // another process created it in the meantime
        if (_directory.HoldsFilesWithoutRecord)
            throw RunException.NoRecord(_directory.Path);
        var resumes = earlier is { IsReplacing: false } && File.Exists(_directory.Checkpoint);
        // Parameters, best release and two moments, twice, and the rest.
        var neededBytes = (trained.ParameterCount * sizeof(float) * 10) + (16 << 20);
        _directory.RequireRoom(neededBytes, isCleared: !resumes);
        if (earlier is { Status: RunStatus.Finished } && RunGrowth.Changes(earlier, _spec).Count == 0
            && ReleasedFiles.Problem(_directory, earlier) is { } problem)
        {
            _notes.Add($"The run was finished, but {problem}: its release is written again from the checkpoint.");
        }

        _stateFile = RunStateWriter.Begin(_directory, Length.LastStep, RunIdentity.Of(record), resumes);
        // Before any other file of the run: without a record they would not be recognized as a run's.
        if (!resumes)
            _directory.Replace(record);
        _directory.Prepare(neededBytes, prompt is not null, trained.TrainsWeights);
        var lengths = resumes ? ResumeCheckpoint.Load(_directory.Checkpoint, trained, optimizer, state, Length.StepsPerEpoch) : default;
        // Of a finished run whose files have changed, none is believed but the checkpoint.
        using var history = prompt is null ? null
            : (resumes && earlier is not { Status: RunStatus.Finished } ? PromptHistory.Read(_directory) : null) ?? begun;
        if (resumes)
        {
            record = record.ContinueAt(state.Step, earlier!);
            _stateFile.ContinueAt(state, _data.Answers.Metrics.Names[0]);
            NoteChange(record, state.Step);
            record.Write(_directory);
        }

        try
        {
            if (!resumes)
                history?.Write(_directory);
            using var log = new EventLog(_directory, lengths, _data.Answers.Metrics.Names);
            return Run(record, trained, optimizer, state, log, history);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            RecordFailure(record);
            throw;
        }
    }

    private void NoteChange(RunRecord record, long step)
    {
        if (record.Segments is not [.., var before, var now] || now.FromStep != step)
            return;
        _notes.Add($"From step {step} on, this run is computed differently: {string.Join("; ", before.Differences(now))}. "
            + "So its files need not have the bytes of a run without interruption; run.json lists its segments.");
    }

    private void RecordFailure(RunRecord record)
    {
        if (_lock!.IsLost)
            return;
        try
        {
            record.End(RunStatus.Failed).Write(_directory);
            _stateFile!.End(RunStatus.Failed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The original failure is reported; the record keeps its status.
        }
    }

    /// <summary>Whether a checkpoint follows an event after which another run can continue.</summary>
    private bool IsSaved(TrainingEvent trainingEvent, Trainer trainer, TrainingState state, long lastSave) =>
        state.Step == trainer.LastStep || state.IsPatienceExhausted
        || (_spec.CheckpointEverySteps is { } every
            ? state.Step % every == 0 && !trainer.HasPending
            : trainingEvent is EpochCompleted || Stopwatch.GetElapsedTime(lastSave) > CheckpointInterval);

    private CompletedRun Run(
        RunRecord record, TrainedParts trained, Optimizer optimizer, TrainingState state, EventLog? log, PromptHistory? history)
    {
        var start = Stopwatch.GetTimestamp();
        var settings = SpecForTraining.Settings(_spec, _backbone.Model.Config, Length);
        var diagnosis = new TrainingDiagnosis(trained, Length.LastStep, state, history?.Start, SpecForTraining.KindOf(_spec, _data));
        var trainer = new Trainer(
            trained,
            optimizer,
            settings,
            _data.Train.Examples,
            _validation is null ? null : diagnosis.Watching(() => Validate(trained.Model)),
            state);
        // Only for a display: the plan looks at every row, the estimate scores some.
        var plan = _observer is { OnStart: null, OnEstimate: null } ? null
            : RunPlanner.Of(_spec, _backbone, _data, trained, optimizer, record);
        using var estimate = plan is null || _observer.OnEstimate is null ? null : new RunningEstimate(plan, _spec, _data, trained, state);
        Tell(observer => observer.OnStart?.Invoke(new RunStart(
            _directory, _data.Train.Rows.Count, _validation?.Rows.Count ?? 0, Length.StepsPerEpoch, Length.EpochCount, trained.ParameterCount,
            state.Step, _notes)
        {
            StepCount = Length.LastStep,
            Length = Length.Decision(_spec),
            Plan = plan,
            Warnings = record.Warnings,
        }));
        var isTrained = false;
        void Save()
        {
            // The checkpoint of the last step stays as it is before the closing evaluation, so that a longer run can continue from it. After the loop
            // the model has the released weights, which need not be the trained ones.
            if (_directory is null || log is null || isTrained || (state.Step >= trainer.LastStep && state.SettledStep >= state.Step))
                return;
            _lock!.Require();
            ResumeCheckpoint.Save(_directory.Checkpoint, trained, optimizer, state, log.Flush());
            _stateFile!.Saved();
        }

        RunInterruptedException Interrupted()
        {
            Save();
            _lock?.Require();
            record.End(RunStatus.Interrupted).Write(_directory);
            _stateFile?.End(RunStatus.Interrupted);
            return new RunInterruptedException(_directory, _notes, _stop);
        }

        var lastSave = Stopwatch.GetTimestamp();
        try
        {
            foreach (var trainingEvent in diagnosis.Watch(trainer.Run()))
            {
                Publish(log, trainingEvent);
                if (estimate?.After(trainingEvent, _stop) is { } estimated)
                    Tell(observer => observer.OnEstimate?.Invoke(estimated));
                if (trainingEvent is WarningRaised || !trainer.IsAtRest)
                    continue; // a warning comes before its event
                if (_stop.IsCancellationRequested)
                    throw Interrupted();
                if (IsSaved(trainingEvent, trainer, state, lastSave))
                {
                    Save();
                    lastSave = Stopwatch.GetTimestamp();
                }
            }

            isTrained = true;
            var release = new RunRelease(_spec, _directory, _backbone, _data, _validation, _test, _notes, _stop)
            {
                OnEvaluating = Evaluating,
                OnWriting = () => _lock?.Require(),
                OnScored = scored =>
                {
                    // After the last checkpoint: a resumed run cuts the logs back to it and scores again.
                    Publish(log, scored);
                    log?.Flush();
                },
            };
            var run = release.Write(record, trained, state, history, _observer.CardUsage, start);
            _stateFile?.End(RunStatus.Finished, run.Result.Test is not null);
            return run;
        }
        catch (OperationCanceledException e) when (e is not RunInterruptedException)
        {
            throw Interrupted(); // in an evaluation, which the resumed run repeats
        }
        catch (TrainingDivergedException e) when (_directory is not null)
        {
            throw e.WithCheckpoint(File.Exists(_directory.Checkpoint) ? _directory.Checkpoint : null);
        }
    }

    private ValidationOutcome Validate(PromptedT5 model)
    {
        Evaluating(DataSplit.Validation);
        var evaluator = _data.MakeEvaluator();
        var predictions = evaluator.Predict(new PromptScorer(model.Model, model.Prompt), _validation!, _stop).ToList();
        var report = evaluator.Report(predictions);
        return new ValidationOutcome(
            report.Metrics[0].Value, report.Metrics.ToDictionary(metric => metric.Name, metric => metric.Value), report.Count, report.InvalidCount,
            Counts(predictions.Select(prediction => prediction.Predicted)), Counts(predictions.Select(prediction => prediction.Reference)));
    }

    private static Dictionary<string, int> Counts(IEnumerable<string?> labels) => labels.OfType<string>().CountBy(label => label).ToDictionary();

    private RunLength Length => RunLength.Of(_spec, _data.Train.Rows.Count);

    private void Publish(EventLog? log, TrainingEvent trainingEvent)
    {
        _lock?.Require(looks: false);
        log?.Append(trainingEvent);
        _stateFile?.After(trainingEvent);
        Tell(observer => observer.OnEvent?.Invoke(trainingEvent));
    }

    private void Evaluating(DataSplit split) => Tell(observer => observer.OnEvaluating?.Invoke(split));

    private void Tell(Action<RunObserver> tell)
    {
        try
        {
            tell(_observer);
        }
        catch (Exception e)
        {
            _observer = new RunObserver { CardUsage = _observer.CardUsage }; // a display must never end a run
            _notes.Add($"The display failed and was dropped: {e.Message}");
        }
    }
}
