using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Hub;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Runs;

/// <summary>What a run depends on beside its settings: digests of files, counts of rows, and the answers that can be given.</summary>
internal static class RunProvenance
{
    private const string ModelPath = "model_path";
    private const string DataPath = "data_path";
    private const string TaskFileKey = "task_file";

    internal static JsonObject Describe(RunSpec spec, Backbone backbone, RunData data, EncodedSplit? validation) => new()
    {
        [ModelPath] = BundledModels.Names.Contains(spec.Model) ? null : Path.GetFullPath(backbone.Folder),
        [DataPath] = data.IsBundled ? null : Path.GetFullPath(data.Path),
        [TaskFileKey] = spec.Task is { } task && TaskFile.IsFile(task) && spec.Compat == Compatibility.None ? TaskFile.ReadJson(task) : null,
        ["model_digests"] = ModelDigests(backbone),
        ["tokenizer_digest"] = TokenizerDigest(backbone),
        ["data_digests"] = Digests(data.Files),
        ["train_count"] = data.Train.Rows.Count,
        ["train_indices"] = data.IsSubset ? JsonSerializer.SerializeToNode(data.Train.Rows.Select(row => row.Index)) : null,
        ["train_cut_count"] = data.Train.CutCount,
        ["validation_count"] = validation?.Rows.Count ?? 0,
        ["validation_cut_count"] = validation?.CutCount ?? 0,
        ["outcomes"] = JsonSerializer.SerializeToNode(data.Answers.Outcomes),
        ["label_ids"] = JsonSerializer.SerializeToNode(data.Answers.LabelIds),
        ["evaluation"] = data.Answers.Kind == EvaluationMode.Labels ? "labels" : "generate",
        ["max_new_tokens"] = data.Answers.MaxNewTokens,
    };

    /// <summary>Keys that differ; a resumed run goes on with the same model and data or not at all.</summary>
    internal static IReadOnlyList<string> Differences(JsonObject first, JsonObject second) =>
        [.. second.Where(pair => pair.Key is not (ModelPath or DataPath) && !JsonNode.DeepEquals(pair.Value, first[pair.Key])).Select(pair => pair.Key)];

    /// <summary>The answers as they were when the run was trained.</summary>
    internal static AnswerSpace Answers(JsonObject inputs, TaskDefinition? task, ExampleEncoder encoder)
    {
        var labels = inputs["label_ids"].Deserialize<int[][]>();
        var kind = inputs["evaluation"]!.GetValue<string>() == "labels" ? EvaluationMode.Labels : EvaluationMode.Generate;
        var mostTokens = inputs["max_new_tokens"]!.GetValue<int>();
        return task is null
            ? AnswerSpace.OfIds(inputs["outcomes"].Deserialize<string[]>()!, labels, kind, mostTokens)
            : AnswerSpace.Of(task, encoder, labels, kind, mostTokens);
    }

    /// <summary>The task's own file as it was; null when the task is not a file's.</summary>
    internal static JsonObject? StoredTask(JsonObject inputs) => inputs[TaskFileKey] as JsonObject;

    /// <summary>A score is never that of other data than the run's own.</summary>
    internal static void CheckData(JsonObject inputs, RunData data, string run)
    {
        if (!JsonNode.DeepEquals(Digests(data.Files), inputs["data_digests"]))
            throw RunException.OtherData(run);
    }

    /// <summary>The settings with model and data where they were, so that a run can be used from any folder.</summary>
    internal static RunSpec Located(RunRecord record)
    {
        var (model, data) = (record.Inputs[ModelPath]?.GetValue<string>(), record.Inputs[DataPath]?.GetValue<string>());
        var spec = record.Spec;
        var dataName = DataCatalog.NameOf(spec, StoredTask(record.Inputs));
        return spec with
        {
            Model = IsGone(model, spec.Model) ? spec.Model : model ?? spec.Model,
            Revision = IsGone(model, spec.Model) ? CommitIn(model!) : spec.Revision,
            Data = IsGone(data, dataName) ? dataName : data ?? dataName,
            DataRevision = IsGone(data, dataName) ? CommitIn(data!) : spec.DataRevision,
        };
    }

    /// <summary>Whether what was in the hub's cache is no longer where it was, so that it has to be found by its name and commit.</summary>
    private static bool IsGone(string? path, string? name) => path is not null && name is not null && !Path.Exists(path) && CommitIn(path) is not null && HubDataSetName.TryParse(name) is not null;

    private static string? CommitIn(string path)
    {
        var parts = path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        return Array.LastIndexOf(parts, "snapshots") is >= 0 and var index && index + 1 < parts.Length && HubPath.IsCommit(parts[index + 1]) ? parts[index + 1] : null;
    }

    /// <summary>Digests of the files of a model.</summary>
    internal static JsonObject ModelDigests(Backbone backbone) => Digests(Checkpoint.FilesIn(backbone.Folder).Append(Path.Combine(backbone.Folder, "config.json")));

    private static JsonValue? TokenizerDigest(Backbone backbone) =>
        T5Tokenizer.FileIn(backbone.Folder) is { } file ? JsonValue.Create(FileDigests.Of(file)) : null;

    private static JsonObject Digests(IEnumerable<string> files) =>
        new(files.Order(StringComparer.Ordinal).Select(file => KeyValuePair.Create(Path.GetFileName(file), (JsonNode?)FileDigests.Of(file))));
}
