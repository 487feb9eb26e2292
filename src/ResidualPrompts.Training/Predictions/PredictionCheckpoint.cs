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
            var state = JsonFile.Node(PlainFile.Read(path, PlainFile.LongestJson), JsonFormats.Strict)
                .Deserialize<PredictionCheckpoint>(JsonFormats.IndentedSnakeCase);
            return state is { Made: not null, ReadCount: >= 0, RowCount: >= 0, BadRowCount: >= 0, OutputLength: >= 0, ErrorLength: >= 0 } ? state
                : throw RunException.DamagedState(path, "it does not say what the predictions depend on");
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

    public void Write(string path) => RunDirectory.WriteText(path, JsonSerializer.Serialize(this, JsonFormats.IndentedSnakeCase) + "\n");
}
