using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs;

/// <summary>The content of <c>run.json</c>.</summary>
/// <param name="Status">How far the run is.</param>
/// <param name="Spec">The settings in force.</param>
/// <param name="Environment">What it was made with.</param>
/// <param name="Inputs">Digests of model, tokenizer and data, and counts of rows.</param>
/// <param name="Result">What came out; null until the run is finished.</param>
internal sealed record RunRecord(RunStatus Status, RunSpec Spec, JsonObject Environment, JsonObject Inputs, RunResult? Result)
{
    internal static RunRecord Read(RunDirectory directory)
    {
        if (!File.Exists(directory.Record))
            throw RunException.NotARun(directory.Path);
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(directory.Record))!.AsObject();
            return new RunRecord(
                Enum.Parse<RunStatus>(json["status"]!.GetValue<string>(), ignoreCase: true),
                RunSpecJson.Read(json["spec"]!.AsObject(), directory.Record),
                json["environment"]!.AsObject(),
                json["inputs"]!.AsObject(),
                json["result"].Deserialize<RunResult>(JsonFormats.SnakeCase));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(directory.Record, e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            throw RunException.Damaged(directory.Record, JsonProblem.Of(e));
        }
    }

    internal void Write(RunDirectory directory)
    {
        var json = new JsonObject
        {
            ["status"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(Status.ToString()),
            ["spec"] = RunSpecJson.Write(Spec),
            ["environment"] = Environment.DeepClone(),
            ["inputs"] = Inputs.DeepClone(),
            ["result"] = JsonSerializer.SerializeToNode(Result, JsonFormats.SnakeCase),
        };
        RunDirectory.WriteText(directory.Record, json.ToJsonString(JsonFormats.IndentedRelaxed) + "\n");
    }
}
