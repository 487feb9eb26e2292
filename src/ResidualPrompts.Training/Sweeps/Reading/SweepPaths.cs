using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Sweeps.Reading;

/// <summary>Paths in a sweep file are relative to the file, wherever a command runs. Names of bundled things and of the hub stay names.</summary>
internal static class SweepPaths
{
    private const string FilePrefix = "file:";

    /// <summary>The folder of a sweep's runs, unless the file names one: beside the file, with its name.</summary>
    internal static string DefaultFolderName(string path)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        return stem == Path.GetFileName(path) ? stem + "-runs" : stem;
    }

    /// <summary>The settings with full paths.</summary>
    /// <param name="spec">The settings as the file has them.</param>
    /// <param name="folder">The folder of the file.</param>
    internal static RunSpec Resolve(RunSpec spec, string folder) => spec with
    {
        Model = BundledModels.Names.Contains(spec.Model) ? spec.Model : Full(spec.Model, folder)!,
        Data = spec.Data is null || BundledDataSets.Names.Contains(spec.Data) ? spec.Data : Full(spec.Data, folder),
        Task = spec.Task is { } task && TaskFile.IsFile(task) ? File(task, folder) : spec.Task,
        Train = File(spec.Train, folder),
        Validation = File(spec.Validation, folder),
        TestFile = File(spec.TestFile, folder),
        PromptInit = spec.PromptInit.ToString() is var init && init.StartsWith(FilePrefix, StringComparison.Ordinal)
            ? FilePrefix + File(init[FilePrefix.Length..], folder)
            : Path.Exists(Path.GetFullPath(init, folder)) ? FilePrefix + Path.GetFullPath(init, folder) : spec.PromptInit,
    };

    /// <summary>A path, also where nothing lies there.</summary>
    private static string? File(string? path, string folder) => string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path, folder);

    /// <summary>What may be a name: a path where it is there, or is written as one.</summary>
    private static string? Full(string? nameOrPath, string folder) => string.IsNullOrEmpty(nameOrPath) || nameOrPath.Contains('\0') ? nameOrPath
        : Path.GetFullPath(nameOrPath, folder) is var full && (Path.Exists(full) || NearestPath.LooksLocal(nameOrPath)) ? full : nameOrPath;
}
