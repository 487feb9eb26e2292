using System.Text.Json.Nodes;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Compute;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
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

    /// <summary>Reads rows for the run to predict.</summary>
    public RowReader Rows { get; }

    /// <summary>
    /// The settings of a run with the current locations of its model and data, to download missing files of the hub before the run is opened.
    /// </summary>
    /// <param name="path">The run directory.</param>
    /// <exception cref="InputException">The path is not a run directory.</exception>
    public static RunSpec SettingsOf(string path)
    {
        var directory = new RunDirectory(path);
        return SettingsOf(directory, RunRecord.Read(directory));
    }

    /// <summary>Notes for the user, one line each: the prompt has no contract, or belongs to another backbone and is used anyway.</summary>
    public IReadOnlyList<string> Warnings => _released?.Warnings ?? [];

    /// <summary>Whether the backbone computes in 8-bit integers; see <see cref="BackboneOptions.Int8"/>.</summary>
    public bool UsesInt8 => _backbone.Model.UsesInt8;

    /// <summary>The instruction set that computes in 8-bit integers, or null; numbers differ between them.</summary>
    internal string? Int8Kernel => UsesInt8 ? ComputeChoice.Int8Kernel : null;

    /// <summary>Loads the backbone and the released prompt of a run; trained weights come from the run itself.</summary>
    /// <param name="path">The run directory.</param>
    /// <param name="allowMismatch">Whether to use the prompt with another backbone or tokenizer than in training.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <param name="task">The task, if it was made by code and is not in the run directory; null = the run's own.</param>
    /// <exception cref="InputException">The run is not finished, or its model is missing or has changed.</exception>
    public static TrainedRun Open(string path, bool allowMismatch = false, BackboneOptions? options = null, TaskDefinition? task = null)
    {
        var directory = new RunDirectory(path);
        var record = RunRecord.Read(directory);
        if (record.Status != RunStatus.Finished)
            throw RunException.NotFinished(path, record.Status.ToString().ToLowerInvariant());
        if (ReleasedFiles.MissingOfModel(directory, record.Spec) is { } missing)
            throw RunException.NeedsFinish(path, $"{missing} is missing");
        LibTorch.EnsureLoaded();
        var located = SettingsOf(directory, record);
        var backbone = ModelCatalog.Load(located.Model, located.Revision, options);
        try
        {
            var released = record.Spec.Method == TuningMethod.Full
                ? null
                : ReleasedPrompt.Load(directory.Adapter, backbone, located.Model, allowMismatch);
            return new TrainedRun(directory, record, backbone, released, task);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a run that has just been trained: from its directory, or with the model and prompt in memory, which the run still owns.
    /// </summary>
    /// <param name="run">The run; one in memory must not be disposed before this.</param>
    /// <exception cref="InputException">The run directory has changed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The run was in memory and is disposed.</exception>
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
    /// <exception cref="RunException">The data has no such split, has changed, or was in memory.</exception>
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

    /// <summary>Scores other data than the run's own, such as diagnostic sets without a training split.</summary>
    /// <param name="split">The split; irrelevant for a single file.</param>
    /// <param name="task">A task whose label words the run has learned, or null for the run's own.</param>
    /// <param name="data">A folder, a file or a bundled name, or null for the task's own data.</param>
    /// <exception cref="InputException">The task or the data does not fit, or the split does not exist.</exception>
    public SplitResult Evaluate(DataSplit split, string? task, string? data)
    {
        if (_record.Inputs.RowsDigest is not null && task is null && data is null)
            throw RunException.NeedsData(Name);
        var found = FindTask(task);
        return Evaluate(found, RowsOf(found, data, null, split));
    }

    /// <summary>Scores rows in memory with the field names of the run's task.</summary>
    /// <param name="rows">Rows with labels; rows without a label do not count.</param>
    /// <exception cref="InputException">A row lacks a field, or the run was trained on token ids.</exception>
    public SplitResult Evaluate(IReadOnlyList<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Evaluate(Task, [.. Task.Layout.Apply(rows)]);
    }

    private SplitResult Evaluate(TaskDefinition task, IReadOnlyList<Example> rows)
    {
        var (evaluator, predictions) = PredictionsOf(task, rows);
        return SplitResult.Of(evaluator.Report(predictions));
    }

    private (Evaluator Evaluator, IEnumerable<Prediction> Predictions) PredictionsOf(TaskDefinition task, IReadOnlyList<Example> rows)
    {
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        var evaluator = new Evaluator(AnswersOf(task, encoder), _backbone.Tokenizer);
        return (evaluator, evaluator.Predict(Scorer, encoder.Encode(rows, needsTargets: false)));
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
    /// <param name="isOwn">Whether to predict the run's own data.</param>
    /// <param name="data">Other data; null = the task's data.</param>
    internal (IReadOnlyList<Example> Rows, IReadOnlyList<Prediction> Predictions) PredictTest(TaskDefinition task, bool isOwn, string? data)
    {
        var located = _record.Located;
        var rows = isOwn ? RowsOf(task, located.Data, located.DataRevision, DataSplit.Test) : RowsOf(task, data, null, DataSplit.Test);
        return (rows, [.. PredictionsOf(task, rows).Predictions]);
    }

    private static RunSpec SettingsOf(RunDirectory directory, RunRecord record) =>
        Directory.Exists(directory.Model) ? record.Located with { Model = directory.Model, Revision = null } : record.Located;

    private IReadOnlyList<Example> RowsOf(TaskDefinition task, string? data, string? revision, DataSplit split)
    {
        var path = DataCatalog.Locate(task, data, revision);
        var options = new SourceOptions { SingleFileSplit = split, Encoding = _record.Spec.Encoding.ToEncoding() };
        return DataSource.Open(path, task.Layout, options).Read(split);
    }

    private AnswerSpace AnswersOf(TaskDefinition task, ExampleEncoder encoder)
    {
        var own = _record.Inputs;
        return AnswerSpace.Of(task, encoder, own.Evaluation, own.MaxNewTokens - 1);
    }

    /// <summary>Predicts rows in order, window by window while they are read; labels are optional.</summary>
    /// <param name="rows">Rows with the fields of the task's template.</param>
    /// <exception cref="DataException">While predicting: a row lacks a field.</exception>
    public IEnumerable<Prediction> Predict(IEnumerable<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return PredictWindows(Rows.Apply(rows).Chunk(RowWindows.Size)).SelectMany(window => window).Select(predicted => predicted.Prediction);
    }

    /// <summary>Predicts windows of rows; the rows of a window are batched by length, and only one window is in memory.</summary>
    /// <param name="windows">Windows of rows read by <see cref="Rows"/>.</param>
    /// <param name="onBadRow">Called for rows that cannot be predicted, which are skipped; null = the first one throws.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <exception cref="DataException">While predicting: a row lacks a field and <paramref name="onBadRow"/> is null.</exception>
    public IEnumerable<IReadOnlyList<PredictedRow>> PredictWindows(
        IEnumerable<IReadOnlyList<Example>> windows, Action<BadRow>? onBadRow = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(windows);
        RowPredictor? predictor = null;
        return windows.Where(window => window.Count > 0)
            .Select(window => (predictor ??= PredictorOf(window[0])).Predict(window, onBadRow, cancellationToken));
    }

    /// <summary>The inputs of predictions besides the rows: the run, its prompt and its model.</summary>
    /// <exception cref="RunException">The run is in memory, so a prediction job could not be resumed.</exception>
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

    /// <summary>The predictor for rows like the first one: by token ids or by the task.</summary>
    internal RowPredictor PredictorOf(Example first)
    {
        var task = ExampleEncoder.BringsIds(first) ? null : Task;
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        var answers = _record.Inputs.AnswersOf(task);
        var evaluator = new Evaluator(answers, task is null ? null : _backbone.Tokenizer);
        return new RowPredictor(encoder, answers, evaluator, Scorer, HasGroups: task?.GroupFields.Count > 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory is null)
            return; // the run in memory owns model and prompt
        _released?.Dispose();
        _backbone.Dispose();
    }
}
