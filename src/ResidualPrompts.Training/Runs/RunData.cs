using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>The data of a run, selected and encoded by its settings.</summary>
internal sealed class RunData
{
    private readonly RunSpec _spec;
    private readonly RunRows _rows;
    private readonly ExampleEncoder _encoder;
    private readonly EncodedCache _cache;
    private readonly Backbone _backbone;
    private readonly Dictionary<DataSplit, EncodedSplit?> _encoded = [];
    private IReadOnlyList<RowOverlap>? _overlaps;

    private RunData(RunSpec spec, RunRows rows, Backbone backbone, EncodedCache cache)
    {
        (_spec, _rows, _backbone) = (spec, rows, backbone);
        _encoder = EncoderOf(spec, rows.Task, backbone);
        _cache = cache;
        Train = _cache.Encode(_encoder, rows.Splits.Train, needsTargets: true, keepsAnswers: false);
        Answers = rows.Task is not { } task
            ? AnswerSpace.OfIds([.. All()], spec.Evaluation)
            : AnswerSpace.Of(task, _encoder, spec.Evaluation, Train.Examples.Max(example => example.TargetIds!.Length));
    }

    /// <summary>The settings with the places of the files, which may be others than the settings name.</summary>
    internal RunSpec Placed => _spec;

    /// <summary>The model that the rows are encoded for.</summary>
    internal Backbone Backbone => _backbone;

    /// <summary>The path of the data; null for rows in memory.</summary>
    internal string? Path => _rows.Path;

    /// <summary>SHA-256 of the content of the rows; null for data in files.</summary>
    internal string? RowsDigest => _rows.RowsDigest;

    /// <summary>Whether the data is a bundled data set, which is located by name.</summary>
    internal bool IsBundled => Path is not null
        && _spec.ReadsDataSet
        && (_spec.Data ?? (Task is null ? null : DataCatalog.NameOf(Task))) is { } name
        && BundledDataSets.Names.Contains(name);

    internal DataSource Source => _rows.Source;

    internal DataSplits Splits => _rows.Splits;

    internal IReadOnlyList<string> Notes => _rows.Splits.Notes;

    /// <summary>Whether only some of the training rows are used, so that their indices must be recorded.</summary>
    internal bool IsSubset => _spec.FewShot is not null;

    /// <summary>The task; null for rows of token ids.</summary>
    internal TaskDefinition? Task => _rows.Task;

    internal EncodedSplit Train { get; }

    internal AnswerSpace Answers { get; }

    /// <summary>The rows before they are encoded.</summary>
    internal RunRows Rows => _rows;

    /// <summary>Token ids of each label word without eos; empty for open answers or rows of token ids.</summary>
    internal IReadOnlyList<int[]> LabelTokens => Task?.LabelWords is null ? [] : [.. Answers.LabelIds!.Select(ids => ids[..^1])];

    /// <summary>Locates, selects and encodes the rows.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="taskFile">The task's JSON as it was when the run was made; null = the current one.</param>
    /// <exception cref="InputException">The task, the data or the settings do not fit; the message names the problem.</exception>
    internal static RunData Load(RunSpec spec, Backbone backbone, JsonObject? taskFile = null) =>
        Of(spec, RunRows.Load(spec, taskFile), backbone, taskFile);

    /// <summary>Encodes selected rows.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="rows">The rows. The ids of rows in memory are not cached, since a task made by code has no key.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="taskFile">The task's JSON as it was when the run was made; null = the current one.</param>
    /// <exception cref="InputException">The task, the rows or the settings do not fit; the message names the problem.</exception>
    internal static RunData Of(RunSpec spec, RunRows rows, Backbone backbone, JsonObject? taskFile = null) =>
        new(spec, rows, backbone, rows.Task is null || rows.RowsDigest is not null ? EncodedCache.None
            : EncodedRows.CacheFor(spec, taskFile, backbone));

    /// <summary>The path of a run's data; null where files of splits are all of it. The files of splits are checked too.</summary>
    /// <exception cref="InputException">The data is not on this machine.</exception>
    internal static string? DataPath(RunSpec spec, TaskDefinition? task)
    {
        DataSource.RequireFiles(spec.SplitFiles);
        return !spec.ReadsDataSet ? null
            : task is null ? DataCatalog.Locate(spec.Data!, spec.DataRevision)
            : DataCatalog.Locate(task, spec.Data, spec.DataRevision);
    }

    internal static ExampleEncoder EncoderOf(RunSpec spec, TaskDefinition? task, Backbone backbone) =>
        new(task, task is null ? null : backbone.Tokenizer, spec.MaxInputLength, spec.VirtualTokenCount, ids => backbone.Problem(ids));

    /// <summary>A split with its token ids; null when the data has no such split.</summary>
    /// <param name="split">The split.</param>
    internal EncodedSplit? Encode(DataSplit split)
    {
        if (_encoded.TryGetValue(split, out var known))
            return known;
        return _encoded[split] = _rows.Splits[split] is { } rows
            ? _cache.Encode(_encoder, rows, needsTargets: split == DataSplit.Validation)
            : null;
    }

    /// <summary>
    /// Notes for the user before the first step: on the choice of rows, texts that are cut, a few texts to be scored that were also trained on or
    /// validated, and test rows without labels.
    /// </summary>
    internal IReadOnlyList<string> StartNotes(EncodedSplit? validation, EncodedSplit? test) =>
    [
        .. Notes, .. NotesOn(validation, test),
        .. test is not null && _rows.IsTestUnlabeled ? ["The test rows have no labels: their predictions will be written, but not scored."]
            : Array.Empty<string>(),
    ];

    /// <summary>Splits to be scored that are mostly rows of another split.</summary>
    internal IEnumerable<WarningRaised> SharedRowsWarnings() => Overlaps.Where(overlap => overlap.IsMost).Select(overlap => overlap.Warning);

    private IReadOnlyList<RowOverlap> Overlaps => _overlaps ??=
        [.. RowOverlap.In(Train, Encode(DataSplit.Validation), _spec.Test ? Encode(DataSplit.Test) : null)];

    private IEnumerable<string> NotesOn(EncodedSplit? validation, EncodedSplit? test)
    {
        var length = _spec.MaxInputLength - _spec.VirtualTokenCount;
        foreach (var (name, split) in new[] { ("training", Train), ("validation", validation), ("test", test) })
        {
            if (split is null)
                continue;
            if (split.CutCount > 0)
                yield return $"{split.CutCount} of {split.Rows.Count} {name} texts were cut to {length} tokens.";
        }

        foreach (var few in Overlaps.Where(overlap => !overlap.IsMost))
            yield return few.Message + ".";
    }

    /// <summary>The files of a split in the order of their rows; none for rows in memory.</summary>
    internal IReadOnlyList<string> FilesOf(DataSplit split) => Source.Files.GetValueOrDefault(split, []);

    /// <summary>The class of a row; null without one.</summary>
    internal string? ClassOf(Example row) => _rows.ClassOf(row);

    /// <summary>
    /// The answer of each training row as a prediction gives it. If only rows of one label train, the other rows of the training split count too:
    /// they are as frequent in the data.
    /// </summary>
    internal IEnumerable<string> TrainAnswers()
    {
        var rows = Task?.TrainingLabel is null ? Train.Rows : Source.Read(DataSplit.Train);
        return rows.Select(_encoder.ReadAnswer).Select(read =>
            Task is not { } task || task.Outcomes.Count > 0 || task.MaxTargetTokens is not null ? read.Reference // as T5 can write it
            : read.TargetText is { } target ? task.Judge(read, target) : null).OfType<string>();
    }

    internal Evaluator MakeEvaluator() => new(Answers, Task is null ? null : _backbone.Tokenizer);

    /// <summary>The built-in task with the user's changes, or the user's own task.</summary>
    internal static TaskDefinition TaskOf(RunSpec spec, JsonObject? taskFile = null) =>
        TaskCatalog.Find(spec.Task, spec.Template, spec.LabelWords, spec.LabelField, spec.Compat, taskFile);

    private IEnumerable<Example> All() => _rows.Splits.Train.Concat(_rows.Splits.Validation ?? []).Concat(_rows.Splits.Test ?? []);
}
