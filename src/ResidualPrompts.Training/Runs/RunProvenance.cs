using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Hub;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>
/// The inputs of a run besides its settings: digests of files or rows, counts of rows, and the possible answers. It is <c>inputs</c> of
/// run.json, whose keys are the properties in snake_case, in declaration order.
/// </summary>
internal sealed record RunProvenance
{
    private static readonly string[] Places =
        [Key(nameof(ModelPath)), Key(nameof(DataPath)), Key(nameof(TrainPath)), Key(nameof(ValidationPath)), Key(nameof(TestPath))];

    /// <summary>What earlier versions did not record and other values imply.</summary>
    private static readonly string[] Derived = [Key(nameof(SplitDigests)), Key(nameof(EmbeddingDeviation))];

    /// <summary>The folder of the model; null for a bundled model, which is located by name.</summary>
    public string? ModelPath { get; init; }

    /// <summary>
    /// The folder or file of the data; null for a bundled data set, for rows in memory, and where files of splits are all the data.
    /// </summary>
    public string? DataPath { get; init; }

    /// <summary>The file that was given for the training rows; null without one.</summary>
    public string? TrainPath { get; init; }

    /// <summary>The file that was given for the validation rows; null without one.</summary>
    public string? ValidationPath { get; init; }

    /// <summary>The file that was given for the test rows; null without one.</summary>
    public string? TestPath { get; init; }

    /// <summary>
    /// The task's file as it was; null when the task is not from a file. For a task given with rows in memory, the equivalent JSON.
    /// </summary>
    public JsonObject? TaskFile { get; init; }

    /// <summary>SHA-256 of the files of the model, by name.</summary>
    public IReadOnlyDictionary<string, string> ModelDigests { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Standard deviation of all values of the embedding matrix, to six digits: what a learning rate is large or small beside. It follows from the
    /// weights. Null, and not written, in records of earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? EmbeddingDeviation { get; init; }

    /// <summary>SHA-256 of the tokenizer (docs/formats.md); null without one.</summary>
    public string? TokenizerDigest { get; init; }

    /// <summary>
    /// SHA-256 of the files of the data, by name. Where files were given for single splits, whose names may be the same, the split comes first:
    /// <c>validation/rows.csv</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> DataDigests { get; init; } = new Dictionary<string, string>();

    /// <summary>Number of training rows.</summary>
    public int TrainCount { get; init; }

    /// <summary>Indices of the training rows, when only some rows were used.</summary>
    public IReadOnlyList<int>? TrainIndices { get; init; }

    /// <summary>Number of training rows whose text was cut.</summary>
    public int TrainCutCount { get; init; }

    /// <summary>Number of validation rows.</summary>
    public int ValidationCount { get; init; }

    /// <summary>Number of validation rows whose text was cut.</summary>
    public int ValidationCutCount { get; init; }

    /// <summary>The possible predictions, in label order.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = [];

    /// <summary>Token ids of each outcome; null when they are not scored.</summary>
    public IReadOnlyList<int[]>? LabelIds { get; init; }

    /// <summary>How answers are found.</summary>
    [JsonRequired]
    public EvaluationMode Evaluation { get; init; }

    /// <summary>Maximum number of tokens of a generated answer.</summary>
    [JsonRequired]
    public int MaxNewTokens { get; init; }

    /// <summary>SHA-256 of the content of rows given in memory; null, and not written, for data in files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RowsDigest { get; init; }

    /// <summary>
    /// SHA-256 of the rows that each split consists of once they are chosen, in their order; null in records of earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? SplitDigests { get; init; }

    /// <summary>
    /// SHA-256 of the rows that <c>prompt_init</c> read from a file, as float32; null, and not written, for other initializations and in records of
    /// earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PromptInitDigest { get; init; }

    /// <summary>The inputs of a new run.</summary>
    internal static RunProvenance Of(RunSpec spec, Backbone backbone, RunData data, EncodedSplit? validation) => new()
    {
        ModelPath = BundledModels.Names.Contains(spec.Model) ? null : Path.GetFullPath(backbone.Folder),
        DataPath = data.IsBundled || data.Path is null ? null : Path.GetFullPath(data.Path),
        TrainPath = FullPath(spec.Train),
        ValidationPath = FullPath(spec.Validation),
        TestPath = FullPath(spec.TestFile),
        TaskFile = data.RowsDigest is not null ? Tasks.TaskFile.ToJson(data.Task!)
            : spec.Task is { } task && Tasks.TaskFile.IsFile(task) && spec.Compat == Compatibility.None ? Tasks.TaskFile.ReadJson(task) : null,
        ModelDigests = DigestsOf(backbone),
        EmbeddingDeviation = backbone.EmbeddingDeviation,
        TokenizerDigest = backbone.HasTokenizer ? backbone.Tokenizer.Digest : null,
        DataDigests = DigestsOf(data.Source),
        TrainCount = data.Train.Rows.Count,
        TrainIndices = data.IsSubset ? [.. data.Train.Rows.Select(row => row.Index)] : null,
        TrainCutCount = data.Train.CutCount,
        ValidationCount = validation?.Rows.Count ?? 0,
        ValidationCutCount = validation?.CutCount ?? 0,
        Outcomes = data.Answers.Outcomes,
        LabelIds = data.Answers.LabelIds,
        Evaluation = data.Answers.Kind,
        MaxNewTokens = data.Answers.MaxNewTokens,
        RowsDigest = data.RowsDigest,
        SplitDigests = data.Splits.Digests(),
    };

    /// <exception cref="JsonException">The JSON does not have the format of a run.</exception>
    internal static RunProvenance Read(JsonObject json)
    {
        JsonFile.RequireItems(json[Key(nameof(Outcomes))]);
        JsonFile.RequireItems(json[Key(nameof(LabelIds))]);
        return json.Deserialize<RunProvenance>(JsonFormats.Complete)!;
    }

    internal JsonObject ToJson() => JsonSerializer.SerializeToNode(this, JsonFormats.SnakeCase)!.AsObject();

    /// <summary>The digests alone: two runs with the same ones used the same model, tokenizer and data.</summary>
    internal JsonObject DigestsJson()
    {
        var json = new JsonObject
        {
            [Key(nameof(ModelDigests))] = JsonSerializer.SerializeToNode(ModelDigests),
            [Key(nameof(TokenizerDigest))] = TokenizerDigest,
            [Key(nameof(DataDigests))] = JsonSerializer.SerializeToNode(DataDigests),
        };
        if (RowsDigest is not null)
            json[Key(nameof(RowsDigest))] = RowsDigest;
        return json;
    }

    /// <summary>Keys that differ; a resumed run must have the same model and data, at any path.</summary>
    internal IReadOnlyList<string> Differences(RunProvenance other)
    {
        var (own, others) = (ToJson(), other.ToJson());
        return
        [
            .. others.Select(pair => pair.Key).Union(own.Select(pair => pair.Key))
                .Where(key => !Places.Contains(key) && !Derived.Contains(key) && !JsonNode.DeepEquals(own[key], others[key])
                    && (key != Key(nameof(PromptInitDigest)) || own.ContainsKey(key))),
        ];
    }

    /// <summary>The splits whose rows differ; none where a record does not say which rows it had.</summary>
    internal IReadOnlyList<DataSplit> OtherRows(RunProvenance other) => SplitDigests is null || other.SplitDigests is null ? [] :
    [
        .. Enum.GetValues<DataSplit>().Where(split =>
            SplitDigests.GetValueOrDefault(split.Name()) != other.SplitDigests.GetValueOrDefault(split.Name())),
    ];

    /// <summary>Says that the run was trained on an earlier version of a bundled model; null where it was not.</summary>
    internal string? FormerModel => ModelDigests.Values.Select(FormerModels.Explanation).FirstOrDefault(text => text is not null);

    /// <summary>Checks that the rows of a split are those that the run had.</summary>
    /// <exception cref="RunException">They are not.</exception>
    internal void CheckRows(DataSplit split, IReadOnlyList<Example> rows, string run)
    {
        if (SplitDigests?.GetValueOrDefault(split.Name()) is { } recorded && recorded != DataSplits.DigestOf(rows))
            throw RunException.OtherRows(run, [split]);
    }

    /// <summary>The answers as they were when the run was trained.</summary>
    internal AnswerSpace AnswersOf(TaskDefinition? task) => task is null
        ? AnswerSpace.OfIds(Outcomes, LabelIds, Evaluation, MaxNewTokens)
        : AnswerSpace.Of(task, LabelIds, Evaluation, MaxNewTokens);

    /// <summary>Checks that the data is unchanged before it is scored.</summary>
    /// <exception cref="RunException">Files of the data have other digests.</exception>
    internal void CheckFiles(DataSource source, string run)
    {
        var found = DigestsOf(source);
        if (found.Count != DataDigests.Count || found.Any(pair => DataDigests.GetValueOrDefault(pair.Key) != pair.Value))
            throw RunException.OtherData(run);
    }

    /// <summary>The settings with the recorded paths of model and data, so that a run can be used from any folder.</summary>
    internal RunSpec Locate(RunSpec spec)
    {
        var dataName = spec.ReadsDataSet ? DataCatalog.NameOf(spec.Data, spec.NamedTask, spec.Compat, TaskFile) : null;
        return spec with
        {
            Model = IsGone(ModelPath, spec.Model) ? spec.Model : ModelPath ?? spec.Model,
            Revision = IsGone(ModelPath, spec.Model) ? CommitIn(ModelPath!) : spec.Revision,
            Data = IsGone(DataPath, dataName) ? dataName : DataPath ?? dataName,
            DataRevision = IsGone(DataPath, dataName) ? CommitIn(DataPath!) : spec.DataRevision,
            Train = TrainPath ?? spec.Train,
            Validation = ValidationPath ?? spec.Validation,
            TestFile = TestPath ?? spec.TestFile,
        };
    }

    /// <summary>SHA-256 of the files of a model, by name.</summary>
    internal static IReadOnlyDictionary<string, string> DigestsOf(Backbone backbone) => DigestsOfModel(backbone.Folder);

    /// <summary>The same of a model's folder.</summary>
    internal static IReadOnlyDictionary<string, string> DigestsOfModel(string folder) =>
        Digests(Checkpoint.FilesIn(folder).Append(Path.Combine(folder, "config.json")));

    /// <summary>Whether a file of the hub's cache is no longer at its path, so that it must be located by name and commit.</summary>
    private static bool IsGone(string? path, string? name) =>
        path is not null && name is not null && !Path.Exists(path) && CommitIn(path) is not null && HubDataSetName.TryParse(name) is not null;

    private static string? CommitIn(string path)
    {
        var parts = path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        return Array.LastIndexOf(parts, "snapshots") is >= 0 and var index && index + 1 < parts.Length && HubPath.IsCommit(parts[index + 1])
            ? parts[index + 1]
            : null;
    }

    /// <summary>SHA-256 of the files of the data, by name.</summary>
    internal static IReadOnlyDictionary<string, string> DigestsOf(DataSource source) => !source.HasSplitFiles
        ? Digests(source.Files.Values.SelectMany(files => files))
        : new OrderedDictionary<string, string>(
            from split in source.Files
            from file in Digests(split.Value)
            select KeyValuePair.Create($"{split.Key.Name()}/{file.Key}", file.Value));

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    private static OrderedDictionary<string, string> Digests(IEnumerable<string> files) =>
        new(files.Order(StringComparer.Ordinal).Select(file => KeyValuePair.Create(Path.GetFileName(file), FileDigests.Of(file))));

    private static string Key(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
}
