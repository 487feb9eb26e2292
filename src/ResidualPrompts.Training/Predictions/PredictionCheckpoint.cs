using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>How far a file of predictions is: all that is needed to go on.</summary>
/// <param name="Made">What the predictions are made of; a resumed job goes on with the same or not at all.</param>
/// <param name="ReadCount">Rows that have been read and need not be predicted again.</param>
/// <param name="RowCount">Rows that are written.</param>
/// <param name="BadRowCount">Rows that are written aside.</param>
/// <param name="OutputLength">Bytes of the output that hold them.</param>
/// <param name="ErrorLength">Bytes of the file of bad rows.</param>
/// <param name="IsFinished">Whether all rows are there.</param>
internal sealed record PredictionCheckpoint(JsonObject Made, long ReadCount, long RowCount, long BadRowCount, long OutputLength, long ErrorLength, bool IsFinished)
{
    public static PredictionCheckpoint Start(JsonObject made) => new(made, 0, 0, 0, 0, 0, IsFinished: false);

    /// <summary>Reads a state; null when there is none.</summary>
    /// <exception cref="RunException">It is damaged.</exception>
    public static PredictionCheckpoint? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var state = JsonSerializer.Deserialize<PredictionCheckpoint>(File.ReadAllBytes(path), JsonFormats.IndentedSnakeCase);
            return state is { Made: not null } ? state : throw RunException.Damaged(path, "it does not say what the predictions are made of");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(path, e);
        }
        catch (Exception e) when (e is JsonException or ArgumentException) // ArgumentException: a key twice
        {
            throw RunException.Damaged(path, JsonProblem.Of(e));
        }
    }

    /// <summary>What of the predictions is made of something else than they would be now.</summary>
    public IReadOnlyList<string> Differences(JsonObject made) => [.. made.Where(pair => !JsonNode.DeepEquals(pair.Value, Made[pair.Key])).Select(pair => pair.Key)];

    public void Write(string path) => RunDirectory.WriteText(path, JsonSerializer.Serialize(this, JsonFormats.IndentedSnakeCase) + "\n");
}
