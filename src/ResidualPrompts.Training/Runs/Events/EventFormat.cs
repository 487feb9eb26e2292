using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Events;

/// <summary>A training event as a line of <c>events.jsonl</c>: its name, its time, and its properties.</summary>
internal static class EventFormat
{
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["step"] = typeof(StepCompleted),
        ["evaluation"] = typeof(EvaluationCompleted),
        ["epoch"] = typeof(EpochCompleted),
        ["patience_exhausted"] = typeof(PatienceExhausted),
        ["warning"] = typeof(WarningRaised),
    };

    internal static string Line(TrainingEvent trainingEvent)
    {
        var name = Types.First(pair => pair.Value == trainingEvent.GetType()).Key;
        var json = new JsonObject { ["event"] = name, ["time"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) };
        var properties = JsonSerializer.SerializeToNode(trainingEvent, trainingEvent.GetType(), JsonFormats.SnakeCase)!.AsObject();
        foreach (var (key, value) in properties.ToArray())
            json[key] = value?.DeepClone();
        return json.ToJsonString();
    }

    /// <summary>A warning that is known before the first step, as <c>run.json</c> has it: without the step and the epoch.</summary>
    internal static JsonNode OfRecord(WarningRaised warning)
    {
        var json = JsonSerializer.SerializeToNode(warning, JsonFormats.SnakeCase)!.AsObject();
        json.Remove("step");
        json.Remove("epoch");
        return json;
    }

    /// <summary>The event of a line; null for an event type of a later version.</summary>
    /// <exception cref="JsonException">The line is not an event.</exception>
    internal static TrainingEvent? Read(ReadOnlySpan<byte> line)
    {
        using var document = JsonFile.Document(line.ToArray(), JsonFormats.Strict);
        var json = document.RootElement;
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("event", out var name) || name.ValueKind != JsonValueKind.String)
            throw new JsonException("A line has no \"event\".");
        if (!Types.TryGetValue(name.GetString()!, out var type))
            return null;
        JsonFile.RequireItems(JsonObject.Create(json));
        return (TrainingEvent)json.Deserialize(type, JsonFormats.Required)!;
    }
}
