using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Studies;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>
/// A finished run, ready to be evaluated and to predict; or several runs as an ensemble, which predicts by the mean of their probabilities.
/// </summary>
public sealed class TrainedRun : IDisposable
{
    private readonly IReadOnlyList<RunMember> _members;
    private readonly RunMember _first;
    private readonly RunRecord _record;
    private readonly Backbone _backbone;
    private readonly Owned _owned;
    private readonly TaskDefinition? _ofCode;
    private TaskDefinition? _task;

    private TrainedRun(IReadOnlyList<RunMember> members, TaskDefinition? task, Owned owned = Owned.All)
    {
        (_members, _first, _task, _ofCode, _owned) = (members, members[0], task, task, owned);
        (_record, _backbone) = (_first.Record, _first.Backbone);
        Rows = new RowReader(() => BringsIds ? null : Task, Name);
    }

    private enum Owned
    {
        All,
        Prompts,
        Nothing,
    }

    private string Name => _first.Name;

    private bool BringsIds => _record is { Spec: { Task: null, Template: null }, Inputs.RowsDigest: null };

    private IExampleScorer Scorer =>
        _members.Count == 1 ? _first.Scorer : new EnsembleScorer([.. _members.Select(member => member.Scorer)]);

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
        var directory = new RunDirectory(RunFolders.Members(path)[0]);
        return RunMember.Located(directory, RunRecord.Read(directory));
    }

    /// <summary>Notes for the user, one line each: the prompt has no contract, or belongs to another backbone and is used anyway.</summary>
    public IReadOnlyList<string> Warnings => [.. _members.SelectMany(member => member.Released?.Warnings ?? []).Distinct()];

    /// <summary>Whether the backbone computes in 8-bit integers; see <see cref="BackboneOptions.Int8"/>.</summary>
    public bool UsesInt8 => _backbone.Model.UsesInt8;

    /// <summary>The instruction set that computes in 8-bit integers, or null; numbers differ between them.</summary>
    internal string? Int8Kernel => _backbone.Model.Int8Kernel;

    /// <summary>Loads the backbone and the released prompt of a run; trained weights come from the run itself.</summary>
    /// <param name="path">The run directory, or the folder of a study, whose runs predict together.</param>
    /// <param name="allowMismatch">Whether to use the prompt with another backbone or tokenizer than in training.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <param name="task">The task, if it was made by code and is not in the run directory; null = the run's own.</param>
    /// <exception cref="InputException">The run is not finished, or its model is missing or has changed.</exception>
    public static TrainedRun Open(string path, bool allowMismatch = false, BackboneOptions? options = null, TaskDefinition? task = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Open(RunFolders.Members(path), allowMismatch, options, task);
    }

    /// <summary>
    /// Loads runs as one that predicts by the mean of their probabilities, added in the order of their seeds. They must have the same model, task,
    /// labels and length of texts. The backbone is loaded once; where the runs trained its weights, once for each.
    /// </summary>
    /// <param name="paths">The run directories; of one alone, it is the run.</param>
    /// <param name="allowMismatch">Whether to use prompts with another backbone or tokenizer than in training.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <param name="task">The task, if it was made by code and is not in the run directories; null = the runs' own.</param>
    /// <exception cref="InputException">
    /// A run is not finished, its model is missing or has changed, or the runs cannot predict together: their answers are generated and so have no
    /// probabilities, or they differ in more than their training.
    /// </exception>
    public static TrainedRun Open(
        IReadOnlyList<string> paths, bool allowMismatch = false, BackboneOptions? options = null, TaskDefinition? task = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count);
        var found = EnsembleRules.Ordered([.. paths.Select(RunMember.Find)]);
        return new TrainedRun(RunMember.Load(found, allowMismatch, options), task);
    }

    /// <summary>As above, of runs or studies, with backbones that other runs use too and that outlive this one.</summary>
    /// <param name="paths">Run directories, and studies, whose runs are all meant.</param>
    /// <param name="backbones">Loads backbones, or has them already.</param>
    /// <param name="allowMismatch">Whether to use prompts with another backbone or tokenizer than in training.</param>
    /// <exception cref="InputException">As above.</exception>
    internal static TrainedRun Open(IReadOnlyList<string> paths, SharedBackbone backbones, bool allowMismatch) =>
        new(RunMember.Load(RequireTogether(paths), allowMismatch, backbones), task: null, Owned.Prompts);

    /// <summary>Open runs as one, which predicts by the mean of their probabilities. They stay open and must outlive it.</summary>
    /// <param name="runs">The runs, opened with <see cref="SharedBackbone"/>.</param>
    /// <exception cref="RunException">They cannot predict together.</exception>
    internal static TrainedRun Together(IReadOnlyList<TrainedRun> runs)
    {
        var members = runs.SelectMany(run => run._members).ToList();
        var ordered = EnsembleRules.Ordered([.. members.Select(member => (member.Directory!, member.Record))]);
        return new TrainedRun([.. ordered.Select(run => members.First(member => member.Directory == run.Directory))], task: null, Owned.Nothing);
    }

    /// <summary>Checks that runs, or the runs of studies, can be opened as one, without loading anything.</summary>
    /// <param name="paths">Run directories and studies.</param>
    /// <returns>The runs in the order of their seeds.</returns>
    /// <exception cref="InputException">One is not a run or not finished, or they cannot predict together.</exception>
    internal static IReadOnlyList<(RunDirectory Directory, RunRecord Record)> RequireTogether(IReadOnlyList<string> paths) =>
        EnsembleRules.Ordered([.. paths.SelectMany(RunFolders.Members).Select(RunMember.Find)]);

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
        return new TrainedRun([new RunMember(null, kept.Record, kept.Backbone, kept.Prompt, null)], kept.Task);
    }

    /// <summary>Scores a split of the run's own data.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="RunException">The data has no such split, has changed, or was in memory.</exception>
    public SplitResult Evaluate(DataSplit split) => Evaluate(EvaluationRows.Own(split));

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
        return Evaluate(found, RowsOf(found, data, null, split, EvaluationRows.NoFiles));
    }

    /// <summary>Scores the run's own data, or other data if a task, data or files are given, and writes the predictions.</summary>
    /// <param name="rows">What to score.</param>
    /// <param name="predictions">The file, which is replaced; null = none.</param>
    /// <exception cref="InputException">The task or the data does not fit, or the split does not exist.</exception>
    internal SplitResult Evaluate(EvaluationRows rows, string? predictions = null) => EvaluationPass.Score([this], rows)[0].Result(predictions);

    /// <summary>The rows to score, read and tokenized.</summary>
    /// <param name="asked">What to score.</param>
    /// <param name="shared">Rows that other runs have read.</param>
    /// <exception cref="InputException">The task or the data does not fit, or the split does not exist.</exception>
    internal ScoredRows RowsOf(EvaluationRows asked, SharedRows shared)
    {
        if (!asked.IsOwn)
            return OtherRows(asked, shared);
        var scored = OwnRows(_first, asked.Split, shared);
        foreach (var other in _members.Skip(1))
        {
            // Rows that one run held out may have trained another.
            var others = OwnRows(other, asked.Split, shared).Rows;
            if (others != scored.Rows && !Digests(others).SequenceEqual(Digests(scored.Rows), Bytes))
                throw RunException.OtherRows(other.Name, Name, asked.Split);
        }

        return scored;

        static IEnumerable<byte[]> Digests(EncodedSplit split) => split.Rows.Select(row => row.Digest());
    }

    /// <summary>The runs that predict together, or the one.</summary>
    internal IReadOnlyList<RunMember> Members => _members;

    private static EqualityComparer<byte[]> Bytes { get; } =
        EqualityComparer<byte[]>.Create((one, other) => one.AsSpan().SequenceEqual(other), bytes => bytes[0]);

    private static ScoredRows OwnRows(RunMember member, DataSplit split, SharedRows shared)
    {
        var inputs = member.Record.Inputs;
        if (inputs.RowsDigest is not null)
            throw RunException.NeedsData(member.Name);
        var data = shared.DataOf(member);
        inputs.CheckFiles(data.Source, member.Name);
        if (data.Splits[split] is { } chosen)
            inputs.CheckRows(split, chosen, member.Name);
        return shared.Split(data, split) ?? throw RunException.NoSplit(member.Name, split);
    }

    private ScoredRows OtherRows(EvaluationRows asked, SharedRows shared) => shared.Other(_first, asked, _ofCode, () =>
    {
        var task = FindTask(asked.Task);
        return Encoded(task, RowsOf(task, asked.Data, null, asked.Split, asked.Files));
    });

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
        var (evaluator, encoded) = Encoded(task, rows);
        return SplitResult.Of(evaluator, evaluator.Predict(Scorer, encoded));
    }

    private ScoredRows Encoded(TaskDefinition task, IReadOnlyList<Example> rows)
    {
        var encoder = RunData.EncoderOf(_record.Spec, task, _backbone);
        return new ScoredRows(
            new Evaluator(AnswersOf(task, encoder), _backbone.Tokenizer), encoder.Encode(rows, needsTargets: false));
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
        var rows = isOwn ? OwnTestRows(task, located) : RowsOf(task, data, null, DataSplit.Test, EvaluationRows.NoFiles);
        var (evaluator, encoded) = Encoded(task, rows);
        return (rows, [.. evaluator.Predict(Scorer, encoded)]);
    }

    private IReadOnlyList<Example> RowsOf(
        TaskDefinition task, string? data, string? revision, DataSplit split, IReadOnlyDictionary<DataSplit, string> files)
    {
        var path = data is null && files.Count > 0 ? null : DataCatalog.Locate(task, data, revision);
        return DataSource.Open(path, task.Layout, new SourceOptions
        {
            SingleFileSplit = split,
            SplitFiles = files,
            Encoding = _record.Spec.Encoding.ToEncoding(),
        }).Read(split);
    }

    /// <summary>The test rows as the run's data has them, whichever of them the run itself was tested on.</summary>
    private IReadOnlyList<Example> OwnTestRows(TaskDefinition task, RunSpec located)
    {
        var source = DataSource.Open(RunData.DataPath(located, task), task.Layout, new SourceOptions
        {
            SplitFiles = located.SplitFiles,
            Encoding = located.Encoding.ToEncoding(),
        });
        _record.Inputs.CheckFiles(source, Name);
        var rows = source.Read(DataSplit.Test);
        if (!located.TestFromValidation && !located.ValidationFromTrain)
            _record.Inputs.CheckRows(DataSplit.Test, rows, Name);
        return rows;
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

    /// <summary>The inputs of predictions besides the rows: each run, its prompt and its model.</summary>
    /// <exception cref="RunException">The run is in memory, so a prediction job could not be resumed.</exception>
    internal JsonObject Identity()
    {
        if (_members.Count == 1)
            return IdentityOf(_first);
        return new JsonObject { ["members"] = new JsonArray([.. _members.Select(IdentityOf)]) };
    }

    private static JsonObject IdentityOf(RunMember member)
    {
        var directory = member.Directory ?? throw RunException.NotWritten();
        return new JsonObject
        {
            ["record"] = FileDigests.Of(directory.Record),
            ["prompt"] = member.Prompt is null ? null : FileDigests.Of(directory.Prompt),
            ["model"] = new JsonObject(
                RunProvenance.DigestsOf(member.Backbone).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
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
        if (_owned != Owned.Nothing && _first.Directory is not null) // else the run in memory owns model and prompt
            RunMember.Free(_members, _owned == Owned.All);
    }
}
