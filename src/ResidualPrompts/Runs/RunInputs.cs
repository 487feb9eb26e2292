using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Batching;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Models;
using ResidualPrompts.PromptedModels;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Runs;

/// <summary>What a run depends on beside its settings: digests of files, counts of rows, and the answers that can be given.</summary>
internal static class RunInputs
{
    private const string ModelPath = "model_path";
    private const string DataPath = "data_path";

    internal static JsonObject Describe(RunSpec spec, Backbone backbone, RunData data, EncodedSplit? validation) => new()
    {
        [ModelPath] = BundledModels.Names.Contains(spec.Model) ? null : Path.GetFullPath(backbone.Folder),
        [DataPath] = spec.Data is null ? null : Path.GetFullPath(spec.Data),
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
    internal static AnswerSpace Answers(JsonObject inputs, TaskDefinition? task) => new(
        inputs["outcomes"].Deserialize<string[]>()!,
        inputs["label_ids"].Deserialize<int[][]>(),
        inputs["evaluation"]!.GetValue<string>() == "labels" ? EvaluationMode.Labels : EvaluationMode.Generate,
        inputs["max_new_tokens"]!.GetValue<int>(),
        row => task?.Read(row).Reference,
        (row, answer) => task is null ? answer : task.Judge(task.Read(row), answer));

    /// <summary>A score is never that of other data than the run's own.</summary>
    internal static void CheckData(JsonObject inputs, RunData data, string run)
    {
        if (!JsonNode.DeepEquals(Digests(data.Files), inputs["data_digests"]))
            throw RunException.OtherData(run);
    }

    /// <summary>The settings with model and data where they were, so that a run can be used from any folder.</summary>
    internal static RunSpec Located(RunRecord record) => record.Spec with
    {
        Model = record.Inputs[ModelPath]?.GetValue<string>() ?? record.Spec.Model,
        Data = record.Inputs[DataPath]?.GetValue<string>() ?? record.Spec.Data,
    };

    private static JsonObject ModelDigests(Backbone backbone) =>
        Digests(Directory.EnumerateFiles(backbone.Folder, "model*.safetensors").Append(Path.Combine(backbone.Folder, "config.json")));

    private static JsonValue? TokenizerDigest(Backbone backbone) =>
        backbone.HasTokenizer ? JsonValue.Create(FileDigests.Of(Path.Combine(backbone.Folder, T5Tokenizer.ModelFileName))) : null;

    private static JsonObject Digests(IEnumerable<string> files) =>
        new(files.Order(StringComparer.Ordinal).Select(file => KeyValuePair.Create(Path.GetFileName(file), (JsonNode?)FileDigests.Of(file))));
}
