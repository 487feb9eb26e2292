using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>The data of a run, selected and encoded by its settings.</summary>
internal sealed class RunData
{
    private readonly RunSpec _spec;
    private readonly DataSource _source;
    private readonly TaskDefinition? _task;
    private readonly ExampleEncoder _encoder;
    private readonly EncodedCache _cache;
    private readonly Backbone _backbone;
    private readonly DataSplits _splits;
    private readonly Dictionary<DataSplit, EncodedSplit?> _encoded = [];

    private RunData(RunSpec spec, DataSource source, TaskDefinition? task, Backbone backbone, EncodedCache cache)
    {
        (_spec, _source, _task, _backbone) = (spec, source, task, backbone);
        _encoder = EncoderOf(spec, task, backbone);
        _cache = cache;
        _splits = source.Load(
            new SplitOptions
            {
                ValidationFraction = spec.ValidationFraction,
                Seed = spec.SplitSeedInForce,
                HalvingSeed = spec.SplitSeed,
                FewShotPerClass = spec.FewShot,
                FewShotSeed = spec.FewShotSeed,
                ValidationFromTrain = spec.ValidationFromTrain,
                TestFromValidation = spec.TestFromValidation,
                ValidationPerClass = spec.ValidationPerClass,
            },
            task is null ? ClassOfIds : task.ClassOf,
            task is null ? null : task.Trains,
            task?.GroupFields.Count > 0 ? task.GroupOf : null);
        Train = _cache.Encode(_encoder, _splits.Train, needsTargets: true, keepsAnswers: false);
        Answers = task is null
            ? AnswerSpace.OfIds([.. Rows()], spec.Evaluation)
            : AnswerSpace.Of(task, _encoder, spec.Evaluation, Train.Examples.Max(example => example.TargetIds!.Length));
    }

    /// <summary>The path of the data; null for rows in memory.</summary>
    internal string? Path { get; private init; }

    /// <summary>SHA-256 of the content of the rows; null for data in files.</summary>
    internal string? RowsDigest { get; private init; }

    /// <summary>Whether the data is a bundled data set, which is located by name.</summary>
    internal bool IsBundled => Path is not null
        && _spec.ReadsDataSet
        && (_spec.Data ?? (_task is null ? null : DataCatalog.NameOf(_task))) is { } name
        && BundledDataSets.Names.Contains(name);

    internal DataSource Source => _source;

    internal DataSplits Splits => _splits;

    internal IReadOnlyList<string> Notes => _splits.Notes;

    /// <summary>Whether only some of the training rows are used, so that their indices must be recorded.</summary>
    internal bool IsSubset => _spec.FewShot is not null;

    /// <summary>The task; null for rows of token ids.</summary>
    internal TaskDefinition? Task => _task;

    internal EncodedSplit Train { get; }

    internal AnswerSpace Answers { get; }

    /// <summary>Token ids of each label word without eos; empty for open answers or rows of token ids.</summary>
    internal IReadOnlyList<int[]> LabelTokens => _task?.LabelWords is null ? [] : [.. Answers.LabelIds!.Select(ids => ids[..^1])];

    /// <summary>Locates, selects and encodes the rows.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="taskFile">The task's JSON as it was when the run was made; null = the current one.</param>
    /// <exception cref="InputException">The task, the data or the settings do not fit; the message names the problem.</exception>
    internal static RunData Load(RunSpec spec, Backbone backbone, JsonObject? taskFile = null)
    {
        var task = spec.Task is null && spec.Template is null ? null : TaskOf(spec, taskFile);
        var path = DataPath(spec, task);
        var encoding = spec.Encoding.ToEncoding();
        var source = DataSource.Open(path, task?.Layout, new SourceOptions { Encoding = encoding, SplitFiles = spec.SplitFiles });
        var first = source.Files.Values.SelectMany(files => files).SelectMany(file => ExampleFile.Read(file, encoding: encoding)).FirstOrDefault();
        var bringsIds = first is not null && ExampleEncoder.BringsIds(first);
        return bringsIds
            ? new RunData(spec, source, null, backbone, EncodedCache.None) { Path = path }
            : new RunData(spec, source, task ?? TaskOf(spec, taskFile), backbone, EncodedRows.CacheFor(spec, taskFile, backbone)) { Path = path };
    }

    /// <summary>Selects and encodes rows in memory. Their ids are not cached, since a task made by code has no key.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">The rows of each existing split.</param>
    /// <exception cref="InputException">The task, the rows or the settings do not fit; the message names the problem.</exception>
    internal static RunData Of(RunSpec spec, Backbone backbone, TaskDefinition task, IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows) =>
        new(spec, DataSource.Of(rows, task.Layout), task, backbone, EncodedCache.None) { RowsDigest = DigestOf(rows) };

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
        return _encoded[split] = _splits[split] is { } rows
            ? _cache.Encode(_encoder, rows, needsTargets: split == DataSplit.Validation)
            : null;
    }

    /// <summary>Notes for the user on the encoded rows: texts that are cut, and texts to be scored that were also trained on.</summary>
    internal IEnumerable<string> NotesOn(EncodedSplit? validation, EncodedSplit? test)
    {
        var length = _spec.MaxInputLength - _spec.VirtualTokenCount;
        foreach (var (name, split) in new[] { ("training", Train), ("validation", validation), ("test", test) })
        {
            if (split is null)
                continue;
            if (split.CutCount > 0)
                yield return $"{split.CutCount} of {split.Rows.Count} {name} texts were cut to {length} tokens.";
            if (split != Train && SharedInputs.Count(split.Examples, Train.Examples) is > 0 and var count)
                yield return $"{count} of {split.Rows.Count} {name} texts are also training texts: a score on them says nothing about new texts.";
        }
    }

    /// <summary>The files of a split in the order of their rows; none for rows in memory.</summary>
    internal IReadOnlyList<string> FilesOf(DataSplit split) => _source.Files.GetValueOrDefault(split, []);

    /// <summary>The class of a row; null without one.</summary>
    internal string? ClassOf(Example row) => _task is null ? ClassOfIds(row) : _task.ClassOf(row);

    internal Evaluator MakeEvaluator() => new(Answers, _task is null ? null : _backbone.Tokenizer);

    /// <summary>The built-in task with the user's changes, or the user's own task.</summary>
    internal static TaskDefinition TaskOf(RunSpec spec, JsonObject? taskFile = null) =>
        TaskCatalog.Find(spec.Task, spec.Template, spec.LabelWords, spec.LabelField, spec.Compat, taskFile);

    private static string DigestOf(IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (split, ofSplit) in rows.OrderBy(pair => pair.Key))
        {
            digest.AppendData(Encoding.UTF8.GetBytes($"{split} {ofSplit.Count}\n"));
            foreach (var row in ofSplit)
                digest.AppendData(row.Digest());
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static string? ClassOfIds(Example row) =>
        row.Has(ExampleEncoder.TargetField) ? AnswerSpace.Name(row.Ids(ExampleEncoder.TargetField)) : null;

    private IEnumerable<Example> Rows() => _splits.Train.Concat(_splits.Validation ?? []).Concat(_splits.Test ?? []);
}
