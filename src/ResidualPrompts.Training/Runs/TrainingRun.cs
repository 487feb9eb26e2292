using System.Diagnostics;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Native;
using ResidualPrompts.Prompts;
using ResidualPrompts.Randomness;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Release;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Runs;

/// <summary>
/// Trains by a <see cref="RunSpec"/> into a run directory. A run can be killed at any moment and resumed with identical results: a checkpoint
/// after each epoch and at least every five minutes holds everything that determines the rest, and the logs are truncated to its position.
/// Rows in memory can also train without a directory.
/// <example>
/// <code>
/// var run = TrainingRun.Train(new RunSpec { Task = "subj", Model = "t5-nano", SaveName = "first" });
/// Console.WriteLine(run.Validation["accuracy"]);
/// </code>
/// </example>
/// </summary>
public sealed class TrainingRun
{
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(5);
    private readonly RunSpec _spec;
    private readonly RunDirectory? _directory;
    private readonly Backbone _backbone;
    private readonly RunData _data;
    private readonly EncodedSplit? _validation;
    private readonly List<string> _notes = [];
    private readonly CancellationToken _stop;
    private RunObserver _observer;

    private TrainingRun(
        RunSpec spec, RunDirectory? directory, Backbone backbone, RunData data, RunObserver? observer, CancellationToken cancellationToken)
    {
        (_spec, _directory, _backbone, _data, _observer, _stop) = (spec, directory, backbone, data, observer ?? new RunObserver(), cancellationToken);
        _validation = _data.Encode(DataSplit.Validation);
        _notes.AddRange(_data.Notes);
        NoteCuts("training", _data.Train);
        if (_validation is not null)
            NoteCuts("validation", _validation);
    }

    /// <summary>Trains a run to its end.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step, with a checkpoint.</param>
    /// <exception cref="InputException">The settings, the model, the data or the directory does not fit; nothing is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite; the last checkpoint is kept.</exception>
    /// <exception cref="RunInterruptedException">The token was cancelled; <see cref="RunMode.Resume"/> continues the run.</exception>
    public static CompletedRun Train(
        RunSpec spec, RunMode mode = RunMode.New, RunObserver? observer = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Validate() is { Count: > 0 } problems)
            throw RunSpecException.Of(problems);
        var directory = new RunDirectory(spec.Directory);
        var earlier = Earlier(directory, mode);
        if (spec.Task is not null && spec.Template is null)
            // An unknown task or missing data fails before anything is loaded.
            _ = RunData.DataPath(spec, RunData.TaskOf(spec));
        if (Finished(directory, earlier, spec) is { } finished)
            return finished;
        using var backbone = LoadBackbone(spec);
        return new TrainingRun(spec, directory, backbone, RunData.Load(spec, backbone), observer, cancellationToken).Train(earlier, mode);
    }

    /// <summary>
    /// Trains on rows in memory with the caller's own task. Nothing is written unless the settings name the run; the run directory then has a
    /// digest of the rows, not the rows themselves.
    /// </summary>
    /// <param name="spec">The settings; those of task and data must keep their defaults.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">All rows; <see cref="RunSpec.ValidationFraction"/> of them is held out for validation.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step; in a directory, with a checkpoint.</param>
    /// <exception cref="InputException">The settings, the model, the task, the rows or the directory does not fit; nothing is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="RunInterruptedException">The token was cancelled.</exception>
    /// <example>
    /// <code>
    /// using var run = TrainingRun.Train(new RunSpec { Model = "t5-nano" }, task, rows);
    /// using var trained = TrainedRun.Open(run);
    /// </code>
    /// </example>
    public static CompletedRun Train(
        RunSpec spec, TaskDefinition task, IReadOnlyList<Example> rows, RunMode mode = RunMode.New,
            RunObserver? observer = null, CancellationToken cancellationToken = default) =>
        Train(spec, task, new Dictionary<DataSplit, IReadOnlyList<Example>> { [DataSplit.Train] = rows }, mode, observer, cancellationToken);

    /// <summary>The same with the rows of each split.</summary>
    /// <param name="spec">The settings; those of task and data must keep their defaults.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">The rows of each existing split; without validation rows, some training rows are held out.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step; in a directory, with a checkpoint.</param>
    /// <exception cref="InputException">The settings, the model, the task, the rows or the directory does not fit; nothing is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="RunInterruptedException">The token was cancelled.</exception>
    public static CompletedRun Train(
        RunSpec spec, TaskDefinition task, IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows, RunMode mode = RunMode.New,
        RunObserver? observer = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(rows);
        if (spec.ValidateForRows() is { Count: > 0 } problems)
            throw RunSpecException.Of(problems);
        var directory = spec.SaveName is null ? null : new RunDirectory(spec.Directory);
        var earlier = directory is null ? null : Earlier(directory, mode);
        if (directory is not null && Finished(directory, earlier, spec, task) is { } finished)
            return finished;
        var backbone = LoadBackbone(spec);
        CompletedRun? run = null;
        try
        {
            var data = RunData.Of(spec, backbone, task, rows);
            return run = new TrainingRun(spec, directory, backbone, data, observer, cancellationToken).Train(earlier, mode);
        }
        finally
        {
            if (run is not { IsInMemory: true }) // a run in memory keeps its model
                backbone.Dispose();
        }
    }

    private static RunRecord? Earlier(RunDirectory directory, RunMode mode)
    {
        if (mode == RunMode.New && Directory.Exists(directory.Path) && Directory.EnumerateFileSystemEntries(directory.Path).Any())
            throw RunException.Exists(directory.Path);
        return mode == RunMode.Resume && File.Exists(directory.Record) ? RunRecord.Read(directory) : null;
    }

    private static CompletedRun? Finished(RunDirectory directory, RunRecord? earlier, RunSpec spec, TaskDefinition? task = null)
    {
        if (earlier is not null && RunSpecJson.Differences(earlier.Spec, spec) is { Count: > 0 } changed)
            throw RunException.Changed(directory.Path, changed);
        return earlier is { Status: RunStatus.Finished, Result: { } result } ? new CompletedRun(directory, result, [], task) : null;
    }

    private static Backbone LoadBackbone(RunSpec spec)
    {
        LibTorch.EnsureLoaded();
        return ModelCatalog.Load(spec.Model, spec.Revision, trainable: spec.Method == TuningMethod.Full || spec.TrainWeights is not null);
    }

    private CompletedRun Train(RunRecord? earlier, RunMode mode)
    {
        var seeds = new Seeds(_spec.Seed);
        using var prompt = _spec.Method == TuningMethod.Full
            ? null
            : PromptFactory.Create(_spec, _backbone, _data.LabelTokens, seeds.Initialization, _notes.Add);
        using var begun = prompt is null ? null : PromptHistory.Of(prompt);
        var trained = new TrainedParts(_backbone.Model, prompt, SpecForTraining.TrainsWeight(_spec, _backbone.Model));
        using var optimizer = OptimizerFactory.Create(_spec, trained);
        using var state = new TrainingState();
        var parameterCount = trained.Parameters.Values.Sum(parameter => parameter.numel());
        var provenance = RunProvenance.Of(_spec, _backbone, _data, _validation);
        var record = new RunRecord(RunStatus.Running, _spec, RunEnvironment.Describe(_backbone.Model), provenance, null);
        if (_directory is null)
            return Run(record, trained, optimizer, state, log: null, begun, parameterCount);
        if (earlier is not null && earlier.Inputs.Differences(record.Inputs) is { Count: > 0 } changed)
            throw RunException.Changed(_directory.Path, changed);

        _directory.Create();
        using var held = RunLock.Take(_directory);
        if (earlier is null && mode != RunMode.Overwrite && File.Exists(_directory.Record))
            throw RunException.Exists(_directory.Path); // another process created it in the meantime
        if (_directory.HoldsFilesWithoutRecord)
            throw RunException.NoRecord(_directory.Path);
        var resumes = earlier is not null && File.Exists(_directory.Checkpoint);
        if (!resumes)
            _directory.Clear();
        // Parameters, best release and two moments, twice, and the rest.
        var neededBytes = (parameterCount * sizeof(float) * 10) + (16 << 20);
        _directory.Prepare(neededBytes, prompt is not null, trained.TrainsWeights);
        var lengths = resumes ? ResumeCheckpoint.Load(_directory.Checkpoint, trained, optimizer, state) : default;
        using var history = prompt is null ? null : (resumes ? PromptHistory.Read(_directory) : null) ?? begun;
        // Before any other file: after a kill between the two, files without a record would not be recognized as a run's.
        record.Write(_directory);
        try
        {
            if (!resumes)
                history?.Write(_directory);
            using var log = new EventLog(_directory, lengths, _data.Answers.Metrics.Names);
            return Run(record, trained, optimizer, state, log, history, parameterCount);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            RecordFailure(record);
            throw;
        }
    }

    private void RecordFailure(RunRecord record)
    {
        try
        {
            Write(record with { Status = RunStatus.Failed });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The original failure is reported; the record keeps its status.
        }
    }

    private void Write(RunRecord record)
    {
        if (_directory is not null)
            record.Write(_directory);
    }

    private CompletedRun Run(
        RunRecord record, TrainedParts trained, Optimizer optimizer, TrainingState state, EventLog? log, PromptHistory? history, long parameterCount)
    {
        var start = Stopwatch.GetTimestamp();
        var settings = SpecForTraining.Settings(_spec, _backbone.Model.Config, StepsPerEpoch);
        var diagnosis = new TrainingDiagnosis(trained, settings, state, history?.Start);
        var trainer = new Trainer(
            trained,
            optimizer,
            settings,
            _data.Train.Examples,
            _validation is null ? null : diagnosis.Watching(() => Validate(trained.Model)),
            state);
        Tell(observer => observer.OnStart?.Invoke(new RunStart(
            _directory, _data.Train.Rows.Count, _validation?.Rows.Count ?? 0, StepsPerEpoch, settings.EpochCount, parameterCount, state.Step,
            _notes)));
        var isTrained = false;
        void Save()
        {
            // After the last epoch its checkpoint stays: the model then has the released weights, which need not be the trained ones.
            if (_directory is not null && log is not null && !isTrained)
                ResumeCheckpoint.Save(_directory.Checkpoint, trained, optimizer, state, log.Flush());
        }

        RunInterruptedException Interrupted()
        {
            Save();
            Write(record with { Status = RunStatus.Interrupted });
            return new RunInterruptedException(_directory, _notes, _stop);
        }

        var lastSave = Stopwatch.GetTimestamp();
        try
        {
            foreach (var trainingEvent in diagnosis.Watch(trainer.Run()))
            {
                log?.Append(trainingEvent);
                Tell(observer => observer.OnEvent?.Invoke(trainingEvent));
                if (trainingEvent is StepCompleted or EpochCompleted && _stop.IsCancellationRequested)
                    throw Interrupted();
                if (trainingEvent is EpochCompleted || (trainingEvent is StepCompleted && Stopwatch.GetElapsedTime(lastSave) > CheckpointInterval))
                {
                    Save();
                    lastSave = Stopwatch.GetTimestamp();
                }
            }

            isTrained = true;
            return Finish(record, trained, state, history, parameterCount, start);
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

    /// <summary>Writes the release and its predictions; a resumed run repeats all of it after a kill.</summary>
    private CompletedRun Finish(
        RunRecord record, TrainedParts trained, TrainingState state, PromptHistory? history, long parameterCount, long start)
    {
        var releasesBest = _spec.Release == ReleasedState.Best && state.Best is not null;
        using var last = releasesBest ? null : trained.Release();
        var released = last ?? state.Best!;
        var prompt = trained.Restore(released);
        try
        {
            var scorer = new PromptScorer(_backbone.Model, prompt);
            var validation = _validation is null ? null : ScoreSplit(scorer, "validation", _validation);
            var test = _spec.Test ? ScoreTest(scorer) : null;
            if (_directory is not null && trained.TrainsWeights)
                WriteModel(_directory);
            var result = new RunResult(
                state.Step, state.CompletedEpochs, releasesBest ? "best" : "last", releasesBest ? state.BestEpoch : state.CompletedEpochs,
                parameterCount, validation, test, Stopwatch.GetElapsedTime(start).TotalSeconds);
            if (_directory is not null && prompt is not null)
                WritePrompt(_directory, prompt, history!, released, result);
            var finished = record with { Status = RunStatus.Finished, Result = result };
            Write(finished);
            if (_directory is not null)
                return new CompletedRun(_directory, result, _notes, _data.RowsDigest is null ? null : _data.Task);
            var kept = new CompletedRun.KeptRun(finished, _data.Task!, _backbone, prompt);
            prompt = null; // the run owns it now
            return new CompletedRun(null, result, _notes, _data.Task, kept);
        }
        finally
        {
            prompt?.Dispose();
        }
    }

    private void WriteModel(RunDirectory directory)
    {
        using var scope = NewDisposeScope();
        T5Folder.Write(directory.Model, _backbone.Model, _backbone.Folder);
    }

    private void WritePrompt(RunDirectory directory, PlainPrompt prompt, PromptHistory history, TrainedSnapshot released, RunResult result)
    {
        using var scope = NewDisposeScope();
        NpyFile.Write(directory.Prompt, prompt.Forward().detach());
        history.Write(directory, released.Tensors.GetValueOrDefault(SoftPrompt.RawRowsName));
        ReleasedAdapter.Write(directory, prompt, _spec, _data, _backbone, result, _observer.CardUsage);
    }

    private SplitResult? ScoreTest(PromptScorer scorer)
    {
        if (_data.Encode(DataSplit.Test) is not { } test)
        {
            _notes.Add("There is no test split to score.");
            return null;
        }

        NoteCuts("test", test);
        var result = ScoreSplit(scorer, "test", test);
        if (result.N > 0)
            return result;
        _notes.Add("The test split has no labels: its predictions are written but not scored.");
        return null;
    }

    private SplitResult ScoreSplit(PromptScorer scorer, string name, EncodedSplit split)
    {
        var evaluator = _data.MakeEvaluator();
        var predictions = evaluator.Predict(scorer, split, _stop).ToList();
        if (_directory is not null)
            PredictionJson.Write(_directory.Predictions(name), predictions);
        return SplitResult.Of(evaluator.Report(predictions));
    }

    private ValidationOutcome Validate(PromptedT5 model)
    {
        var evaluator = _data.MakeEvaluator();
        var predictions = evaluator.Predict(new PromptScorer(model.Model, model.Prompt), _validation!, _stop).ToList();
        var report = evaluator.Report(predictions);
        return new ValidationOutcome(
            report.Metrics[0].Value, report.Metrics.ToDictionary(metric => metric.Name, metric => metric.Value), report.Count, report.InvalidCount,
            Counts(predictions.Select(prediction => prediction.Predicted)), Counts(predictions.Select(prediction => prediction.Reference)));
    }

    private static Dictionary<string, int> Counts(IEnumerable<string?> labels) => labels.OfType<string>().CountBy(label => label).ToDictionary();

    private int StepsPerEpoch => _spec.StepsPerEpoch(_data.Train.Rows.Count);

    private void NoteCuts(string name, EncodedSplit split)
    {
        if (split.CutCount > 0)
        {
            var length = _spec.MaxInputLength - _spec.VirtualTokenCount;
            _notes.Add($"{split.CutCount} of {split.Rows.Count} {name} texts were cut to {length} tokens.");
        }
    }

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
