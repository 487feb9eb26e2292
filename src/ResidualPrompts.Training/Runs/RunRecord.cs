using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>The content of <c>run.json</c>.</summary>
/// <param name="Status">How far the run is.</param>
/// <param name="Spec">The settings in force.</param>
/// <param name="Environment">What it was made with.</param>
/// <param name="Inputs">Digests of model, tokenizer and data, and counts of rows.</param>
/// <param name="Result">What came out; null until the run is finished.</param>
internal sealed record RunRecord(RunStatus Status, RunSpec Spec, JsonObject Environment, RunProvenance Inputs, RunResult? Result)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    internal static RunRecord Read(RunDirectory directory)
    {
        if (!File.Exists(directory.Record))
            throw RunException.NotARun(directory.Path);
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(directory.Record)) as JsonObject ?? throw new JsonException("It holds no JSON object.");
            return new RunRecord(
                Enum.Parse<RunStatus>(json["status"]?.GetValue<string>() ?? throw Missing("status"), ignoreCase: true),
                RunSpecJson.Read(Part(json, "spec"), directory.Record),
                Part(json, "environment"),
                RunProvenance.Read(Part(json, "inputs")),
                json["result"].Deserialize<RunResult>(Snake));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or IOException)
        {
            throw RunException.Damaged(directory.Record, JsonProblem.Of(e));
        }
    }

    /// <summary>The run's task; null when its rows bring token ids.</summary>
    /// <exception cref="RunException">Code made the task, so that nothing but the caller's own definition says what it is.</exception>
    /// <exception cref="TaskException">There is no such task any more.</exception>
    internal TaskDefinition? FindTask(string run) =>
        Inputs.RowsDigest is not null ? TaskFile.Parse(Inputs.TaskFile ?? throw RunException.TaskOfCode(run), run)
        : Spec is { Task: null, Template: null } ? null
        : RunData.TaskOf(Spec, Inputs.TaskFile);

    /// <summary>The settings with model and data where they were.</summary>
    internal RunSpec Located => Inputs.Locate(Spec);

    private static JsonObject Part(JsonObject json, string key) => json[key] as JsonObject ?? throw Missing(key);

    private static JsonException Missing(string key) => new($"'{key}' is missing.");

    internal void Write(RunDirectory directory)
    {
        var json = new JsonObject
        {
            ["status"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(Status.ToString()),
            ["spec"] = RunSpecJson.Write(Spec),
            ["environment"] = Environment.DeepClone(),
            ["inputs"] = Inputs.ToJson(),
            ["result"] = JsonSerializer.SerializeToNode(Result, Snake),
        };
        RunDirectory.WriteText(directory.Record, json.ToJsonString(Indented) + "\n");
    }
}
