using System.Globalization;
using ResidualPrompts.Files;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// The adapters of studies, whose prompts answer together. The records of the runs are read again only when their files have changed, so that
/// looking often stays cheap.
/// </summary>
/// <param name="seed">The seed of the run that is served of each study; null = all of its runs together.</param>
internal sealed class StudyAdapters(long? seed)
{
    private readonly Dictionary<string, Known> _known = [];

    private sealed record Known(string Stamp, IReadOnlyList<string> Runs, IReadOnlyList<string> Adapters);

    /// <summary>Whether a directory is a study; a folder of runs named by their seeds is one too, as earlier versions left it.</summary>
    internal static bool IsStudy(string directory)
    {
        try
        {
            return !RunDirectory.Is(directory) && (Study.Is(directory) || RunFolders.SeedsIn(directory).Count > 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it cannot be listed, and hides no other prompt
        }
    }

    /// <summary>The adapter directories of a study's runs, in the order in which they answer.</summary>
    /// <param name="study">The directory.</param>
    /// <param name="root">The directory in which every run must lie, wherever links lead.</param>
    /// <exception cref="InputException">A run is not finished, missing or outside, or cannot answer together with the others.</exception>
    internal IReadOnlyList<string> Of(string study, string root)
    {
        if (_known.TryGetValue(study, out var known) && known.Stamp == StampOf(study, known.Runs))
            return known.Adapters;
        _known.Remove(study);
        IReadOnlyList<string> runs = seed is { } one ? [RunFolders.WithSeed(study, one)] : RunFolders.Members(study);
        if (!runs.Append(study).All(path => RealPath.IsBelow(RealPath.Of(path), root)))
            throw ServerException.DirectoryOutside();
        var stamp = StampOf(study, runs);
        string[] adapters = [.. TrainedRun.RequireTogether(runs).Select(run => run.Directory.Adapter)];
        if (adapters.FirstOrDefault(adapter => !Directory.Exists(adapter)) is { } missing)
            throw ServerException.NoAdapter(Path.GetFileName(Path.GetDirectoryName(missing)!));
        _known[study] = new Known(stamp, runs, adapters);
        return adapters;
    }

    /// <summary>Sizes and times of the study's file and of its runs' records, and which runs there are.</summary>
    private static string StampOf(string study, IReadOnlyList<string> runs) => string.Join('\n',
        runs.Select(run => Path.Combine(run, RunDirectory.RecordName)).Prepend(Path.Combine(study, RunDirectory.StudyName))
            .Select(path => new FileInfo(path)).Select(file => file.Exists
                ? string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length}@{file.LastWriteTimeUtc.Ticks}")
                : file.FullName)
            .Concat(RunFolders.SeedsIn(study)));
}
