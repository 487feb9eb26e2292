using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Runs.States;

namespace ResidualPrompts.Sweeps;

/// <summary>A run directory below a sweep's folder.</summary>
/// <param name="Directory">Its full path.</param>
/// <param name="Status">Its status; null where its record cannot be read.</param>
internal sealed record FoundRun(string Directory, RunStatus? Status)
{
    private const int DeepestLevel = 4;

    /// <summary>What makes it this run; null where its record cannot be read.</summary>
    internal string? Digest { get; private init; }

    /// <summary>Whether a process is training it.</summary>
    internal bool IsHeld { get; private init; }

    /// <summary>The last step that it was asked for.</summary>
    internal long? LastStep { get; private init; }

    /// <summary>The steps of the finished run; 0 of any other.</summary>
    internal long Steps { get; private init; }

    /// <summary>Whether its result has a score of the test split.</summary>
    internal bool HasTest { get; private init; }

    /// <summary>Why its record cannot be read; null where it can.</summary>
    internal string? Problem { get; private init; }

    /// <summary>Whether patience ended it, so that it would not become longer.</summary>
    internal bool EndedByPatience => Steps > 0 && Steps < LastStep;

    /// <summary>What makes it this run, with its content.</summary>
    /// <exception cref="RunException">The record cannot be read.</exception>
    internal RunIdentity ReadIdentity() => RunIdentity.Of(RunRecord.Read(new RunDirectory(Directory)));

    /// <summary>The runs below a folder, by their paths.</summary>
    /// <param name="folder">The folder, which need not exist.</param>
    internal static IReadOnlyList<FoundRun> Below(string folder) =>
        [.. Directories(folder).AsParallel().AsOrdered().Select(Read)];

    /// <summary>The run directories below a folder, by their paths.</summary>
    internal static IReadOnlyList<string> Directories(string folder) => Directories(folder, 0);

    /// <summary>
    /// Reads a run directory: of a finished run its short state, of any other its record. A record that cannot be read keeps no other from being
    /// read.
    /// </summary>
    /// <param name="path">The directory.</param>
    internal static FoundRun Read(string path)
    {
        var directory = new RunDirectory(path);
        try
        {
            if (RunState.Read(directory) is { Status: RunStatus.Finished } state && RunIdentity.DigestIn(state.Identity) is { } digest)
            {
                return new FoundRun(directory.Path, RunStatus.Finished)
                {
                    Digest = digest,
                    LastStep = state.StepCount,
                    Steps = state.Step,
                    HasTest = state.HasTest,
                };
            }

            var record = RunRecord.Read(directory);
            var identity = RunIdentity.Of(record);
            return new FoundRun(directory.Path, record.Status)
            {
                Digest = identity.Digest,
                LastStep = identity.LastStep,
                IsHeld = record.Status == RunStatus.Running && RunLock.IsHeld(directory),
                Steps = record.Result?.Steps ?? 0,
                HasTest = record.Result?.Test is not null,
            };
        }
        catch (InputException e)
        {
            return new FoundRun(directory.Path, null) { Problem = e.Message };
        }
    }

    /// <summary>Deletes the run; files in its folder that are not a run's stay, and so does the folder then.</summary>
    /// <param name="root">The folder of the sweep; empty folders between it and the run are deleted as well.</param>
    /// <exception cref="RunException">A process is training it, or it cannot be deleted.</exception>
    internal void Delete(string root)
    {
        var directory = new RunDirectory(Directory);
        try
        {
            using (RunLock.Take(directory))
                directory.Remove();
            for (var folder = directory.Path; folder.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                && !System.IO.Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
                Disk.DeleteFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(directory.Path, e);
        }
    }

    private static List<string> Directories(string folder, int level)
    {
        if (!System.IO.Directory.Exists(folder))
            return [];
        try
        {
            return RunDirectory.Is(folder) ? [folder]
                : level == DeepestLevel ? []
                : System.IO.Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
                    .SelectMany(below => Directories(below, level + 1)).ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // not for this user
        }
    }
}
