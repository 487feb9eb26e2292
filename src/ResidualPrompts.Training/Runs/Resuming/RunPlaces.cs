using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Resuming;

/// <summary>
/// Where the files of a run that is continued are. Its settings may name them relative to the folder in which it was begun; the record has their full
/// paths, so that it can be continued from any folder. The settings themselves stay as they are.
/// </summary>
internal static class RunPlaces
{
    private const string FilePrefix = "file:";

    /// <summary>The settings with the places of the run's files; a name on the hub stays a name.</summary>
    /// <param name="earlier">
    /// The record of the run, or of another run of its study; null for a new one, whose settings say where files are.
    /// </param>
    /// <param name="spec">The settings.</param>
    internal static RunSpec Here(RunRecord? earlier, RunSpec spec)
    {
        if (earlier is null)
            return spec;
        var inputs = earlier.Inputs;
        (string? Named, string? Full)[] known =
        [
            (earlier.Spec.Model, inputs.ModelPath), (earlier.Spec.Data, inputs.DataPath), (earlier.Spec.Train, inputs.TrainPath),
            (earlier.Spec.Validation, inputs.ValidationPath), (earlier.Spec.TestFile, inputs.TestPath),
        ];
        var begunIn = known.Select(pair => FolderOf(pair.Named, pair.Full)).OfType<string>().FirstOrDefault();
        string? Beside(string? path) => path is not null && begunIn is not null && !Path.IsPathRooted(path)
            && Path.GetFullPath(path, begunIn) is var full && IsElsewhere(path, full) ? full : path;
        return spec with
        {
            Model = Place(spec.Model, inputs.ModelPath)!,
            Data = Place(spec.Data, inputs.DataPath),
            Train = Place(spec.Train, inputs.TrainPath),
            Validation = Place(spec.Validation, inputs.ValidationPath),
            TestFile = Place(spec.TestFile, inputs.TestPath),
            Task = spec.Task is { } task && TaskFile.IsFile(task) ? Beside(task) : spec.Task,
            PromptInit = spec.PromptInit.ToString() is var init && init.StartsWith(FilePrefix, StringComparison.Ordinal)
                ? FilePrefix + Beside(init[FilePrefix.Length..])
                : spec.PromptInit,
        };
    }

    /// <summary>A relative path as it was when the run began, while that is there.</summary>
    private static string? Place(string? named, string? full) => IsRelative(named, full) && IsElsewhere(named!, full!) ? full : named;

    /// <summary>Whether a file is there, and its relative path leads elsewhere from here. Where it does not, messages keep the short one.</summary>
    private static bool IsElsewhere(string named, string full) => Path.GetFullPath(named) != full && Path.Exists(full);

    /// <summary>The folder from which a relative path leads to a full one.</summary>
    private static string? FolderOf(string? named, string? full)
    {
        if (!IsRelative(named, full))
            return null;
        var folder = Path.GetDirectoryName(full);
        while (folder is not null && Path.GetFullPath(named!, folder) != full)
            folder = Path.GetDirectoryName(folder);
        return folder;
    }

    /// <summary>Whether a name is a relative path: a name on the hub leads elsewhere.</summary>
    private static bool IsRelative(string? named, string? full) => named is not null && full is not null && !Path.IsPathRooted(named)
        && Path.TrimEndingDirectorySeparator(full).EndsWith(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(named)), StringComparison.Ordinal)
        && !full.Contains($"{Path.DirectorySeparatorChar}snapshots{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
