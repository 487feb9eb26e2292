using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>The progress of a prediction file: everything needed to continue it.</summary>
/// <param name="Made">The inputs of the predictions; a resumed job must have the same.</param>
/// <param name="ReadCount">Rows that have been read and are done.</param>
/// <param name="RowCount">Rows written to the output.</param>
/// <param name="BadRowCount">Rows written to the file of bad rows.</param>
/// <param name="OutputLength">Length of the output in bytes.</param>
/// <param name="ErrorLength">Length of the file of bad rows in bytes.</param>
/// <param name="IsFinished">Whether all rows are written.</param>
internal sealed record PredictionCheckpoint(
    JsonObject Made, long ReadCount, long RowCount, long BadRowCount, long OutputLength, long ErrorLength, bool IsFinished)
{
    /// <summary>Files of earlier versions have no digest of themselves.</summary>
    private const string DigestKey = "record_digest";

    /// <summary>SHA-256 of the finished output; null before, and in files of earlier versions.</summary>
    public string? OutputDigest { get; init; }

    public static PredictionCheckpoint Start(JsonObject made) => new(made, 0, 0, 0, 0, 0, IsFinished: false);

    /// <summary>Reads a checkpoint; null when there is none.</summary>
    /// <exception cref="RunException">The file is damaged.</exception>
    public static PredictionCheckpoint? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            if (JsonFile.Node(PlainFile.Read(path, PlainFile.LongestJson), JsonFormats.Strict) is not JsonObject json)
                throw RunException.DamagedState(path, "it is not an object");
            var state = json.Deserialize<PredictionCheckpoint>(JsonFormats.Required)!;
            foreach (var (name, count) in state.Counts)
            {
                if (count < 0)
                    throw RunException.DamagedState(path, $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)} is negative");
            }

            // A value that could be right, but is another one, would leave an output with rows twice or not at all.
            if (JsonFile.Text(json[DigestKey]) is { } digest && digest != DigestOf(json))
                throw RunException.DamagedState(path, $"its values are not those of its {DigestKey}");
            return state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(path, e);
        }
        catch (Exception e) when (JsonProblem.IsOne(e))
        {
            throw RunException.DamagedState(path, JsonProblem.Of(e));
        }
    }

    /// <summary>The keys of inputs that differ from the current ones.</summary>
    public IReadOnlyList<string> Differences(JsonObject made) =>
        [.. made.Where(pair => !JsonNode.DeepEquals(pair.Value, Made[pair.Key])).Select(pair => pair.Key)];

    public void Write(string path)
    {
        var json = JsonSerializer.SerializeToNode(this, JsonFormats.SnakeCase)!.AsObject();
        json[DigestKey] = DigestOf(json);
        RunDirectory.WriteText(path, json.ToJsonString(JsonFormats.Indented) + "\n");
    }

    private (string Name, long Count)[] Counts =>
    [
        (nameof(ReadCount), ReadCount), (nameof(RowCount), RowCount), (nameof(BadRowCount), BadRowCount),
        (nameof(OutputLength), OutputLength), (nameof(ErrorLength), ErrorLength),
    ];

    /// <summary>SHA-256 of all other values.</summary>
    private static string DigestOf(JsonObject json)
    {
        var others = new JsonObject(json.Where(pair => pair.Key != DigestKey).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(others.ToJsonString())));
    }
}
