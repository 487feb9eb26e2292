using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Adapters;
using ResidualPrompts.Catalog;
using ResidualPrompts.Files;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Classification;

/// <summary>The classifier that a directory describes. No model is loaded.</summary>
/// <param name="Prompt">The adapter's files, read once; null for a model that was tuned itself.</param>
/// <param name="Model">Name or folder of the backbone.</param>
/// <param name="Revision">The revision, if the model is on the hub.</param>
/// <param name="Task">The task.</param>
/// <param name="MaxInputLength">Maximum input tokens, including the prompt's.</param>
/// <param name="LabelIds">Token ids of the label words in training; null when not known.</param>
internal sealed record ClassifierSource(
    PromptFiles? Prompt, string Model, string? Revision, TaskDefinition Task, int MaxInputLength, IReadOnlyList<int[]>? LabelIds)
{
    internal const string RecordName = "run.json";
    private const string AdapterName = "adapter";
    private const string ModelName = "model";
    private const int DefaultMaxInputLength = 512; // for a prompt whose contract does not say

    /// <summary>Tokens that the text of a row may have.</summary>
    internal int TextLength(int virtualTokens) => MaxInputLength - virtualTokens;

    /// <summary>What a run of a study has otherwise than the first one, so that they cannot answer together; null = nothing.</summary>
    internal string? DifferenceFrom(ClassifierSource first) =>
        Task.Name != first.Task.Name ? "task"
        : Task.Template?.ToString() != first.Task.Template?.ToString() ? "template"
        : !(Task.LabelWords?.Words ?? []).SequenceEqual(first.Task.LabelWords?.Words ?? []) ? "labels"
        : JsonSerializer.Serialize(LabelIds) != JsonSerializer.Serialize(first.LabelIds) ? "token ids of the labels"
        : null;

    /// <summary>Reads a run directory, or the adapter or the model of a run, inside of the run directory or copied elsewhere.</summary>
    /// <exception cref="InputException">The directory is none of them, or is broken.</exception>
    internal static ClassifierSource Find(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
            throw ClassificationException.NotFound(path);
        if (File.Exists(Path.Combine(folder, RecordName)))
            return OfRun(path, folder);
        if (Path.GetFileName(folder) is AdapterName or ModelName && Path.GetDirectoryName(folder) is { } run
            && File.Exists(Path.Combine(run, RecordName)))
            return OfRun(path, run); // its record says more than the contract
        if (!File.Exists(Path.Combine(folder, PeftConfig.FileName)) && !File.Exists(Path.Combine(folder, PromptContract.FileName)))
            throw ClassificationException.NotFound(path);
        var files = PromptFiles.Read(folder);
        var contract = files.Contract ?? throw ClassificationException.NoTask(path);
        var task = contract.ToTask() ?? throw ClassificationException.NoTask(path);
        return new ClassifierSource(
            files, ModelOf(contract, folder), contract.Backbone.Revision, task, contract.MaxInputLength ?? DefaultMaxInputLength, null);
    }

    /// <summary>A model that trained along with its prompt lies beside the adapter; the contract names it relative to the adapter.</summary>
    private static string ModelOf(PromptContract contract, string adapter)
    {
        var name = contract.Backbone.Name;
        return name.StartsWith("../", StringComparison.Ordinal) && Path.GetFullPath(name, adapter) is var beside && Directory.Exists(beside)
            ? beside
            : name;
    }

    private static ClassifierSource OfRun(string path, string run)
    {
        var file = Path.Combine(run, RecordName);
        try
        {
            var json = JsonFile.Node(PlainFile.Read(file, PlainFile.LongestJson), JsonFormats.Strict) as JsonObject
                ?? throw new JsonException("It holds no JSON object.");
            if (JsonFile.Text(json["status"]) is not "finished" and var status)
                throw ClassificationException.NotFinished(run, status ?? "without a status");
            var (spec, inputs) = (Part(json, "spec"), Part(json, "inputs"));
            var task = TaskOf(path, spec, inputs);
            var maxInputLength = JsonFile.Count(spec["max_input_length"]) ?? DefaultMaxInputLength;
            JsonFile.RequireItems(inputs["label_ids"]);
            var labelIds = inputs["label_ids"]?.Deserialize<int[][]>();
            var (adapter, model) = (Path.Combine(run, AdapterName), Path.Combine(run, ModelName));
            if (!Directory.Exists(adapter))
                return new ClassifierSource(null, model, null, task, maxInputLength, labelIds);
            var files = PromptFiles.Read(adapter);
            if (Directory.Exists(model))
                return new ClassifierSource(files, model, null, task, maxInputLength, labelIds);
            if (JsonFile.Text(inputs["model_path"]) is { } trainedOn && Directory.Exists(trainedOn))
                return new ClassifierSource(files, trainedOn, null, task, maxInputLength, labelIds);
            var named = files.Contract?.Backbone;
            return new ClassifierSource(
                files, named?.Name ?? JsonFile.Text(spec["model"]) ?? throw new JsonException("'model' is missing."),
                named?.Revision ?? JsonFile.Text(spec["revision"]), task, maxInputLength, labelIds);
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is IOException or UnauthorizedAccessException)
        {
            throw ClassificationException.Damaged(file, JsonProblem.Of(e), e);
        }
    }

    private static TaskDefinition TaskOf(string path, JsonObject spec, JsonObject inputs)
    {
        string? Text(string key) => JsonFile.Text(spec[key]);
        var taskFile = inputs["task_file"] as JsonObject;
        if (inputs["rows_digest"] is not null)
            return TaskFile.Parse(taskFile ?? throw ClassificationException.TaskOfCode(path), path);
        var (name, template, labels) = (Text("task"), Text("template"), Text("label_words"));
        if (name is null && template is null)
            throw ClassificationException.NoTask(path); // rows of token ids
        return TaskCatalog.Find(
            name, template is null ? null : Template.Parse(template), labels is null ? null : LabelWords.Parse(labels), Text("label_field"),
            Text("compat") == "original" ? Compatibility.Original : Compatibility.None, taskFile);
    }

    private static JsonObject Part(JsonObject json, string key) => json[key] as JsonObject ?? throw new JsonException($"'{key}' is missing.");
}
