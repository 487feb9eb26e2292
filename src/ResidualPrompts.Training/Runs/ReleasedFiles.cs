using ResidualPrompts.Adapters;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Release;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs;

/// <summary>
/// The files of a finished run, against which its record is checked before it is believed. The model card is left out: it is for its owner to edit.
/// </summary>
internal static class ReleasedFiles
{
    private const string Predictions = "predictions";

    /// <summary>SHA-256 of each file that the run released, by its path in the run directory.</summary>
    internal static IReadOnlyDictionary<string, string> Digests(RunDirectory directory) => new[] { directory.Prompt, directory.PromptRows }
        .Concat(new[] { directory.Adapter, directory.Model, Path.Combine(directory.Path, Predictions) }
            .Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder)))
        .Where(file => File.Exists(file) && Path.GetFileName(file) is var name && name != ModelCard.FileName && !name.StartsWith('.'))
        .Select(file => Path.GetRelativePath(directory.Path, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal)
        .ToDictionary(name => name, name => FileDigests.Of(Path.Combine(directory.Path, name)));

    /// <summary>What is wrong with the files of a run that says it is finished; null = nothing.</summary>
    internal static string? Problem(RunDirectory directory, RunRecord record)
    {
        if (Missing(directory, record) is { } missing)
            return $"{missing} is missing";
        var changed = record.Files?.FirstOrDefault(file => FileDigests.Of(Path.Combine(directory.Path, file.Key)) != file.Value).Key;
        return changed is null ? null : $"{changed} is not as the run wrote it";
    }

    /// <summary>A file that a run predicts with and that is missing; null = none. A contract may be missing, which is a warning.</summary>
    internal static string? MissingOfModel(RunDirectory directory, RunSpec spec) => FirstMissing(directory, Needed(spec));

    private static string? Missing(RunDirectory directory, RunRecord record) => FirstMissing(directory, record.Files?.Keys ?? Expected(record));

    private static string? FirstMissing(RunDirectory directory, IEnumerable<string> names) =>
        names.FirstOrDefault(name => !File.Exists(Path.Combine(directory.Path, name)));

    /// <summary>Checks the logs, which cannot be made again.</summary>
    /// <exception cref="RunException">A log is missing, or shorter than at the last checkpoint.</exception>
    internal static void CheckLogs(RunDirectory directory)
    {
        var lengths = ResumeCheckpoint.LengthsIn(directory.Checkpoint);
        foreach (var (path, length) in new[] { (directory.Events, lengths.Events), (directory.Metrics, lengths.Metrics) })
        {
            if (!File.Exists(path))
                throw RunException.NotWhole(directory.Path, $"{Path.GetFileName(path)} is missing");
            if (new FileInfo(path).Length is var found && (found < Math.Max(length, 1) || !EndsWithLine(path)))
                throw RunException.NotWhole(directory.Path, $"{Path.GetFileName(path)} is cut off");
        }
    }

    /// <summary>Whether a log ends with a complete line: what follows the last checkpoint has no length on record.</summary>
    private static bool EndsWithLine(string path)
    {
        using var file = PlainFile.Open(path);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    private static IEnumerable<string> Needed(RunSpec spec) =>
    [
        .. spec.Method == TuningMethod.Full ? Array.Empty<string>()
            : [$"adapter/{PeftConfig.FileName}", $"adapter/{PeftAdapter.WeightsFileName}"],
        .. spec.TrainsWeights ? ["model/model.safetensors"] : Array.Empty<string>(),
    ];

    /// <summary>The files that a record without digests, of an earlier version, implies.</summary>
    private static IEnumerable<string> Expected(RunRecord record) =>
    [
        .. Needed(record.Spec),
        .. record.Spec.Method == TuningMethod.Full ? Array.Empty<string>() : ["prompt.npy"],
        .. record.Result?.Validation is null ? Array.Empty<string>() : [$"{Predictions}/validation.jsonl"],
    ];
}
