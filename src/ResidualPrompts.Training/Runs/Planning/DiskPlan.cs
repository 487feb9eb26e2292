using System.Text.Json.Serialization;

namespace ResidualPrompts.Runs.Planning;

/// <summary>
/// The files of a finished run. Files of numbers have exactly these sizes; the texts (logs, predictions, records) have at most these.
/// </summary>
/// <param name="Files">The files, by their paths in the run directory.</param>
/// <param name="DroppedBytes">Bytes of a checkpoint that the run removes at its end.</param>
internal sealed record DiskPlan(IReadOnlyList<PlannedFile> Files, [property: JsonIgnore] long DroppedBytes = 0)
{
    /// <summary>Bytes of the finished run.</summary>
    [JsonPropertyOrder(-2)]
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>
    /// Bytes that the run may take: those that are free, and those of its files that are there; null where the system does not tell.
    /// </summary>
    [JsonPropertyOrder(-1)]
    public long? AvailableBytes { get; init; }

    /// <summary>The most bytes at any time of the run: a file is replaced by a new one beside it.</summary>
    [JsonPropertyOrder(-1)]
    public long LargestBytes => Bytes + DroppedBytes + Math.Max(DroppedBytes, Files.Max(file => file.Bytes));
}

/// <summary>One file of a finished run.</summary>
/// <param name="Name">Its path in the run directory.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsExact">Whether it has exactly this size; else at most this one.</param>
internal sealed record PlannedFile(string Name, long Bytes, bool IsExact);
