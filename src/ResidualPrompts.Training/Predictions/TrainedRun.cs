using System.Text.Json.Nodes;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>A finished run, ready to be evaluated and to predict.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly RunDirectory? _directory;
    private readonly RunRecord _record;
    private readonly Backbone _backbone;
    private readonly SoftPrompt? _prompt;
    private readonly ReleasedPrompt? _released;
    private TaskDefinition? _task;

    private TrainedRun(RunDirectory directory, RunRecord record, Backbone backbone, ReleasedPrompt? released, TaskDefinition? task)
        : this(record, backbone, released?.Prompt, task) => (_directory, _released) = (directory, released);

    private TrainedRun(RunRecord record, Backbone backbone, SoftPrompt? prompt, TaskDefinition? task)
    {
        (_record, _backbone, _prompt, _task) = (record, backbone, prompt, task);
        Rows = new RowReader(() => BringsIds ? null : Task, Name);
    }

    private string Name => _directory?.Path ?? "the run in memory";

    private bool BringsIds => _record is { Spec: { Task: null, Template: null }, Inputs.RowsDigest: null };

    private PromptScorer Scorer => new(_backbone.Model, _prompt);

    private TaskDefinition Task => _task ??= _record.FindTask(Name) ?? throw RunException.NeedsIds(Name);

    /// <summary>Reads the rows that it is to predict.</summary>
    public RowReader Rows { get; }

    /// <summary>The settings of a run with its model and data where they are, so that what is gone from the hub's cache can be fetched before it is opened.</summary>
    /// <param name="path">The run directory.</param>
    /// <exception cref="InputException">It is no run.</exception>
    public static RunSpec SettingsOf(string path)
    {
        var directory = new RunDirectory(path);
        var located = RunRecord.Read(directory).Located;
        return Directory.Exists(directory.Model) ? located with { Model = directory.Model, Revision = null } : located;
    }

    /// <summary>What the user should know, a line each: a prompt without a contract, or one of another backbone that is used all the same.</summary>
    public IReadOnlyList<string> Warnings => _released?.Warnings ?? [];

    /// <summary>Whether the backbone computes in 8-bit integers; see <see cref="BackboneOptions.Int8"/>.</summary>
    public bool UsesInt8 => _backbone.Model.UsesInt8;

    /// <summary>Loads the backbone and the released prompt of a run; trained weights come from the run itself.</summary>
    /// <param name="path">The run directory.</param>
    /// <param name="allowMismatch">Whether the prompt is used although the backbone or its tokenizer is not the one that it was trained on.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <param name="task">The task, where code made it, so that the run directory does not hold it; null = the run's own.</param>
    /// <exception cref="InputException">It is no finished run, or its model is gone or another one.</exception>
    public static TrainedRun Open(string path, bool allowMismatch = false, BackboneOptions? options = null, TaskDefinition? task = null)
    {
        var directory = new RunDirectory(path);
        var record = RunRecord.Read(directory);
        if (record.Status != RunStatus.Finished)
            throw RunException.NotFinished(path, record.Status.ToString().ToLowerInvariant());
        LibTorch.EnsureLoaded();
        var located = SettingsOf(path);
        var backbone = ModelCatalog.Load(located.Model, located.Revision, options);
        try
        {
            var released = record.Spec.Method == TuningMethod.Full ? null : ReleasedPrompt.Load(directory.Adapter, backbone, located.Model, allowMismatch);
            return new TrainedRun(directory, record, backbone, released, task);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>Opens a run that has just been trained, from its directory, or with what it keeps in memory, which then stays the run's.</summary>
    /// <param name="run">The run; one in memory must not be disposed before this.</param>
    /// <exception cref="InputException">Its directory has changed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">It was in memory and is disposed.</exception>
    public static TrainedRun Open(CompletedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Kept is not { } kept)
            return Open(run.Directory.Path, task: run.Task);
        ObjectDisposedException.ThrowIf(kept.IsDisposed, run);
        return new TrainedRun(kept.Record, kept.Backbone, kept.Prompt, kept.Task);
    }

    /// <summary>Scores a split of the run's own data.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="RunException">The data has no such split, is no longer what it was, or was rows in memory.</exception>
    public SplitResult Evaluate(DataSplit split)
    {
        if (_record.Inputs.RowsDigest is not null)
            throw RunException.NeedsData(Name);
        var data = RunData.Load(_record.Located, _backbone, _record.Inputs.TaskFile);
        _record.Inputs.CheckData(data, Name);
        var rows = data.Encode(split) ?? throw RunException.NoSplit(Name, split);
        var evaluator = data.MakeEvaluator();
        return SplitResult.Of(evaluator.Report(evaluator.Predict(Scorer, rows)));
    }

    /// <summary>Scores other data than the run's own, such as diagnostics that have no training split.</summary>
    /// <param name="split">The split; of one file it does not matter.</param>
    /// <param name="task">A task whose label words the run has learned, or null for the run's own.</param>
    /// <param name="data">A folder, a file or a bundled name, or null for the task's own data.</param>
    /// <exception cref="InputException">Task or data do not fit, or there is no such split.</exception>
    public SplitResult Evaluate(DataSplit split, string? task, string? data)
    {
        if (_record.Inputs.RowsDigest is not null && task is null && data is null)
            throw RunException.NeedsData(Name);
        var found = FindTask(task);
        return Evaluate(found, RowsOf(found, data, null, split));
    }

    /// <summary>Scores rows that a program has, named as those of the run's task.</summary>
    /// <param name="rows">Rows with labels; those without do not count.</param>
    /// <exception cref="InputException">A row lacks a field, or the run's rows bring token ids.</exception>
    public SplitResult Evaluate(IReadOnlyList<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Evaluate(Task, [.. Task.Layout.Apply(rows)]);
    }

    private SplitResult Evaluate(TaskDefinition task, IReadOnlyList<Example> rows)
    {
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        var evaluator = new Evaluator(AnswersOf(task, encoder), _backbone.Tokenizer);
        return SplitResult.Of(evaluator.Report(evaluator.Predict(Scorer, encoder.Encode(rows, needsTargets: false))));
    }

    /// <summary>The run's own task, or another one whose label words it has learned.</summary>
    internal TaskDefinition FindTask(string? name)
    {
        var own = Task;
        if (name is null)
            return own;
        var task = TaskCatalog.Find(name, _record.Spec.Compat);
        return task.Outcomes.Except(own.Outcomes).Any() ? throw RunException.OtherLabels(Name, name, task.Outcomes, own.Outcomes) : task;
    }

    /// <summary>Predicts a test split.</summary>
    /// <param name="task">The task of the rows.</param>
    /// <param name="isOwn">Whether the run's own data is meant.</param>
    /// <param name="data">Other data; null = that of the task.</param>
    internal (IReadOnlyList<Example> Rows, IReadOnlyList<Prediction> Predictions) PredictTest(TaskDefinition task, bool isOwn, string? data)
    {
        var located = _record.Located;
        var rows = isOwn ? RowsOf(task, located.Data, located.DataRevision, DataSplit.Test) : RowsOf(task, data, null, DataSplit.Test);
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        return (rows, [.. new Evaluator(AnswersOf(task, encoder), _backbone.Tokenizer).Predict(Scorer, encoder.Encode(rows, needsTargets: false))]);
    }

    private IReadOnlyList<Example> RowsOf(TaskDefinition task, string? data, string? revision, DataSplit split)
    {
        var path = DataCatalog.Locate(task, data, revision);
        return DataSource.Open(path, task.Layout, new SourceOptions { SingleFileSplit = split, Encoding = _record.Spec.Encoding.ToEncoding() }).Read(split);
    }

    private AnswerSpace AnswersOf(TaskDefinition task, ExampleEncoder encoder)
    {
        var own = _record.Inputs;
        return AnswerSpace.Of(task, encoder, own.Evaluation, own.MaxNewTokens - 1);
    }

    /// <summary>Predicts rows, in their order, window by window while they are read; they may lack labels.</summary>
    /// <param name="rows">Rows with the fields of the task's template.</param>
    /// <exception cref="DataException">While predicting: a row lacks a field.</exception>
    public IEnumerable<Prediction> Predict(IEnumerable<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return PredictWindows(Rows.Apply(rows).Chunk(RowWindows.Size)).SelectMany(window => window).Select(predicted => predicted.Prediction);
    }

    /// <summary>Predicts rows that come in windows; those of a window are batched by length, and no more than one window is held.</summary>
    /// <param name="windows">Windows of rows, as <see cref="Rows"/> reads them.</param>
    /// <param name="onBadRow">Is told of rows that cannot be predicted, which are left out; null = the first is an exception.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="DataException">While predicting: a row lacks a field, and nobody is told of bad rows.</exception>
    public IEnumerable<IReadOnlyList<PredictedRow>> PredictWindows(IEnumerable<IReadOnlyList<Example>> windows, Action<BadRow>? onBadRow = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(windows);
        RowPredictor? predictor = null;
        return windows.Where(window => window.Count > 0).Select(window => (predictor ??= PredictorOf(window[0])).Predict(window, onBadRow, cancellationToken));
    }

    /// <summary>What predictions depend on beside the rows: the run, its prompt and its model.</summary>
    /// <exception cref="RunException">The run is in memory: what was begun with it could not be continued.</exception>
    internal JsonObject Identity()
    {
        var directory = _directory ?? throw RunException.NotWritten();
        return new JsonObject
        {
            ["record"] = FileDigests.Of(directory.Record),
            ["prompt"] = _prompt is null ? null : FileDigests.Of(directory.Prompt),
            ["model"] = new JsonObject(RunProvenance.DigestsOf(_backbone).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
    }

    /// <summary>What predicts rows like one, by the ids that they bring or by the task.</summary>
    internal RowPredictor PredictorOf(Example first)
    {
        var task = ExampleEncoder.BringsIds(first) ? null : Task;
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        var answers = _record.Inputs.AnswersOf(task);
        return new RowPredictor(encoder, answers, new Evaluator(answers, task is null ? null : _backbone.Tokenizer), Scorer, HasGroups: task?.GroupFields.Count > 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory is null)
            return; // model and prompt are those of the run in memory
        _released?.Dispose();
        _backbone.Dispose();
    }
}
