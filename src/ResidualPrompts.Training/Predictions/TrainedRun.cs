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
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Submissions;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>A finished run, ready to be evaluated and to predict.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly RunDirectory _directory;
    private readonly RunRecord _record;
    private readonly Backbone _backbone;
    private readonly ReleasedPrompt? _prompt;
    private TaskDefinition? _task;

    private TrainedRun(RunDirectory directory, RunRecord record, Backbone backbone, ReleasedPrompt? prompt) =>
        (_directory, _record, _backbone, _prompt) = (directory, record, backbone, prompt);

    private Scorer Scorer => new(new PromptedT5(_backbone.Model, _prompt?.Prompt));

    private TaskDefinition Task => _record.Spec is { Task: null, Template: null }
        ? throw RunException.NeedsIds(_directory.Path)
        : _task ??= RunData.TaskOf(_record.Spec, RunProvenance.StoredTask(_record.Inputs));

    /// <summary>The settings of a run with its model and data where they are, so that what is gone from the hub's cache can be fetched before it is opened.</summary>
    /// <param name="path">The run directory.</param>
    /// <exception cref="InputException">It is no run.</exception>
    public static RunSpec SettingsOf(string path)
    {
        var directory = new RunDirectory(path);
        var located = RunProvenance.Located(RunRecord.Read(directory));
        return Directory.Exists(directory.Model) ? located with { Model = directory.Model, Revision = null } : located;
    }

    /// <summary>What the user should know, a line each: a prompt without a contract, or one of another backbone that is used all the same.</summary>
    public IReadOnlyList<string> Warnings => _prompt?.Warnings ?? [];

    /// <summary>Whether the backbone computes in 8-bit integers; see <see cref="BackboneOptions.Int8"/>.</summary>
    public bool UsesInt8 => _backbone.Model.UsesInt8;

    /// <summary>Loads the backbone and the released prompt of a run; trained weights come from the run itself.</summary>
    /// <param name="path">The run directory.</param>
    /// <param name="allowMismatch">Whether the prompt is used although the backbone or its tokenizer is not the one that it was trained on.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <exception cref="InputException">It is no finished run, or its model is gone or another one.</exception>
    public static TrainedRun Open(string path, bool allowMismatch = false, BackboneOptions? options = null)
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
            var prompt = record.Spec.Method == TuningMethod.Full ? null : ReleasedPrompt.Load(directory.Adapter, backbone, located.Model, allowMismatch);
            return new TrainedRun(directory, record, backbone, prompt);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>Scores a split of the run's own data.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="RunException">The data has no such split, or is no longer what it was.</exception>
    public SplitResult Evaluate(DataSplit split)
    {
        var data = RunData.Load(RunProvenance.Located(_record), _backbone, RunProvenance.StoredTask(_record.Inputs));
        RunProvenance.CheckData(_record.Inputs, data, _directory.Path);
        var rows = data.Encode(split) ?? throw RunException.NoSplit(_directory.Path, split);
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
        var found = OtherTask(task);
        var rows = Rows(found, data, null, split);
        var encoder = RunData.EncoderOf(_record.Spec, found, _backbone);
        var evaluator = new Evaluator(AnswersOf(found, encoder), _backbone.Tokenizer);
        return SplitResult.Of(evaluator.Report(evaluator.Predict(Scorer, encoder.Encode(rows, needsTargets: false))));
    }

    /// <summary>Predicts a test split into the zip that the GLUE or SuperGLUE leaderboard takes; other tasks' files in it stay.</summary>
    /// <param name="path">The zip.</param>
    /// <param name="task">A task whose label words the run has learned, or null for the run's own.</param>
    /// <param name="data">A folder, a file or a bundled name; null = the run's own, or that of the other task.</param>
    /// <returns>The name of the file in the zip, its predictions, and how many of them are no label, for which the first label stands.</returns>
    /// <exception cref="InputException">No leaderboard takes the task, or there is no test split.</exception>
    public (string FileName, int Count, int InvalidCount) Submit(string path, string? task = null, string? data = null)
    {
        var found = OtherTask(task);
        var format = SubmissionFormat.Of(found);
        var located = RunProvenance.Located(_record);
        var rows = data is null && task is null ? Rows(found, located.Data, located.DataRevision, DataSplit.Test) : Rows(found, data, null, DataSplit.Test);
        var encoder = RunData.EncoderOf(_record.Spec, found, _backbone);
        var predictions = new Evaluator(AnswersOf(found, encoder), _backbone.Tokenizer).Predict(Scorer, encoder.Encode(rows, needsTargets: false)).ToList();
        SubmissionZip.Put(path, format.FileName, SubmissionFile.Text(found, rows, predictions));
        return (format.FileName, predictions.Count, predictions.Count(prediction => prediction.Invalid));
    }

    private TaskDefinition OtherTask(string? name)
    {
        var own = Task;
        if (name is null)
            return own;
        var task = TaskCatalog.Find(name, _record.Spec.Compat);
        return task.Outcomes.Except(own.Outcomes).Any() ? throw RunException.OtherLabels(_directory.Path, name, task.Outcomes, own.Outcomes) : task;
    }

    private IReadOnlyList<Example> Rows(TaskDefinition task, string? data, string? revision, DataSplit split)
    {
        var path = DataCatalog.Locate(task, data, revision);
        return DataSource.Open(path, task.Layout, new SourceOptions { SingleFileSplit = split, Encoding = _record.Spec.Encoding.ToEncoding() }).Read(split);
    }

    private AnswerSpace AnswersOf(TaskDefinition task, ExampleEncoder encoder)
    {
        var own = RunProvenance.Answers(_record.Inputs, task, encoder);
        return AnswerSpace.Of(task, encoder, own.Kind, own.MaxNewTokens - 1);
    }

    /// <summary>Predicts rows, in their order, window by window while they are read; they may lack labels.</summary>
    /// <param name="rows">Rows with the fields of the task's template.</param>
    /// <exception cref="DataException">While predicting: a row lacks a field.</exception>
    public IEnumerable<Prediction> Predict(IEnumerable<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return PredictWindows(AsTheTaskHasThem(rows).Chunk(RowWindows.Size)).SelectMany(window => window).Select(predicted => predicted.Prediction);
    }

    /// <summary>Predicts rows that come in windows; those of a window are batched by length, and no more than one window is held.</summary>
    /// <param name="windows">Windows of rows, as <see cref="ReadRows"/> and <see cref="ReadTexts"/> give them.</param>
    /// <param name="onBadRow">Is told of rows that cannot be predicted, which are left out; null = the first is an exception.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="DataException">While predicting: a row lacks a field, and nobody is told of bad rows.</exception>
    public IEnumerable<IReadOnlyList<PredictedRow>> PredictWindows(IEnumerable<IReadOnlyList<Example>> windows, Action<BadRow>? onBadRow = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(windows);
        RowPredictor? predictor = null;
        return windows.Where(window => window.Count > 0).Select(window => (predictor ??= PredictorOf(window[0])).Predict(window, onBadRow, cancellationToken));
    }

    /// <summary>Reads rows of a file lazily, named as the files of the run's task are; a file of another kind holds a text in each line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Its encoding, and what becomes of bad rows; null = UTF-8, and the first is an exception.</param>
    /// <exception cref="InputException">It cannot be read; while reading: a row is wrong, or a data file holds none.</exception>
    public IEnumerable<Example> ReadRows(string path, ReadOptions? options = null)
    {
        options ??= new ReadOptions();
        if (!ExampleFile.CanRead(path))
            return Texts(TextLines.ReadFile(path, options), options);
        return ReadData(path, options);
    }

    /// <summary>Reads a text in each line of a stream, lazily.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="source">What to call them in messages.</param>
    /// <param name="options">Their encoding, and what becomes of lines that are not in it.</param>
    /// <exception cref="InputException">The template has several fields; while reading: a line is wrong, and nobody is told of bad rows.</exception>
    public IEnumerable<Example> ReadTexts(Stream stream, string source, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Texts(TextLines.Read(stream, source, options), options);
    }

    /// <summary>Makes a row of a bare text.</summary>
    /// <param name="text">What the one field of the task's template is to be.</param>
    /// <param name="number">Line number from 1.</param>
    /// <param name="index">Place among the rows, from 0.</param>
    /// <exception cref="RunException">The template has several fields.</exception>
    public Example RowOf(string text, long number, int index) =>
        Task.Text is null && Task.Template is { Fields: [var field] } ? Example.Of(field, text, number, index) : throw RunException.NeedsFields(_directory.Path);

    /// <summary>What predictions depend on beside the rows: the run, its prompt and its model.</summary>
    internal JsonObject Identity() => new()
    {
        ["record"] = FileDigests.Of(_directory.Record),
        ["prompt"] = _prompt is null ? null : FileDigests.Of(_directory.Prompt),
        ["model"] = RunProvenance.ModelDigests(_backbone),
    };

    /// <summary>What predicts rows like one, by the ids that they bring or by the task.</summary>
    internal RowPredictor PredictorOf(Example first)
    {
        var task = ExampleEncoder.BringsIds(first) ? null : Task;
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        var answers = RunProvenance.Answers(_record.Inputs, task, encoder);
        return new RowPredictor(encoder, answers, new Evaluator(answers, task is null ? null : _backbone.Tokenizer), Scorer, HasGroups: task?.GroupFields.Count > 0);
    }

    private DataLayout? Layout => _record.Spec is { Task: null, Template: null } ? null : Task.Layout;

    private IEnumerable<Example> AsTheTaskHasThem(IEnumerable<Example> rows)
    {
        using var all = rows.GetEnumerator();
        if (!all.MoveNext())
            yield break;
        foreach (var row in ExampleEncoder.BringsIds(all.Current) ? Rest(all) : Task.Layout.Apply(Rest(all)))
            yield return row;
    }

    private IEnumerable<Example> ReadData(string path, ReadOptions options)
    {
        var isEmpty = true;
        var watched = options.OnBadRow is not { } onBadRow ? options : options with
        {
            OnBadRow = row =>
            {
                isEmpty = false;
                onBadRow(row);
            },
        };
        foreach (var row in ExampleFile.Read(path, Layout, watched))
        {
            isEmpty = false;
            yield return row;
        }

        if (isEmpty)
            throw DataException.NoRows(path);
    }

    private static IEnumerable<Example> Rest(IEnumerator<Example> rows)
    {
        do
            yield return rows.Current;
        while (rows.MoveNext());
    }

    private IEnumerable<Example> Texts(IEnumerable<TextLine> lines, ReadOptions options)
    {
        var index = 0;
        foreach (var line in lines)
        {
            if (line.Problem is null)
                yield return RowOf(line.Text, line.Number, index);
            else
                options.OnBadRow!(new BadRow(index, line.Number, BadRow.ReasonOf(line.Problem), line.Text));
            index++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prompt?.Dispose();
        _backbone.Dispose();
    }
}
