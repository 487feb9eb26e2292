using ResidualPrompts.Runs;

namespace ResidualPrompts.Studies;

/// <summary>Finds the runs behind paths: a run directory, a study, or a folder with a run per seed as earlier versions left it.</summary>
internal static class RunFolders
{
    private const string SeedPattern = "seed-*";

    /// <summary>Reads the runs of all paths, each once. Runs of a study that are not begun are left out.</summary>
    /// <param name="paths">Run directories, studies, and folders with a run per seed.</param>
    /// <exception cref="RunException">A path is none of them, or a record is damaged.</exception>
    internal static IReadOnlyList<RunSummary> Read(IEnumerable<string> paths) =>
        [.. paths.SelectMany(Expand).DistinctBy(Path.GetFullPath).Select(RunSummary.Read)];

    /// <summary>The finished or unfinished runs of a path that are to be used together; a run directory is one.</summary>
    /// <exception cref="RunException">
    /// A run of the study is not begun or gone or differs in more than its seeds, or the study is being replaced.
    /// </exception>
    internal static IReadOnlyList<string> Members(string path) => Study.Find(path)?.RequiredPaths() ?? [path];

    /// <summary>The run of a study with a seed.</summary>
    /// <exception cref="RunException">The path is not a study, or has no run, or several, with that seed.</exception>
    internal static string WithSeed(string path, long seed)
    {
        var study = Study.Find(path) ?? throw RunException.NotAStudy(path);
        return study.Runs.Where(run => run.Seed == seed).ToList() is [var one]
            ? study.PathOf(one.Path)
            : throw RunException.NoSeed(path, seed, study.Runs.Select(run => run.Seed).Distinct());
    }

    /// <summary>Runs that a study names and that are not there, over all paths.</summary>
    internal static IReadOnlyList<string> NotBegun(IEnumerable<string> paths) =>
    [
        .. paths.Where(path => !RunDirectory.Is(path) && Study.Is(path)).SelectMany(path => Study.Read(path).Paths)
            .Where(run => !RunDirectory.Is(run)),
    ];

    /// <summary>The runs in a folder that are named by their seeds.</summary>
    internal static IReadOnlyList<string> SeedsIn(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetDirectories(folder, SeedPattern).Where(RunDirectory.Is).Order(SeedOrder)]
        : [];

    private static IReadOnlyList<string> Expand(string path)
    {
        if (RunDirectory.Is(path) || !Directory.Exists(path))
            return [path];
        if (!Study.Is(path))
            return SeedsIn(path) is { Count: > 0 } seeds ? seeds : [path];
        var study = Study.Read(path);
        if (study.Replacing.Count > 0)
            throw RunException.StudyIsReplaced(path);
        string[] begun = [.. study.Paths.Where(RunDirectory.Is)];
        return begun.Length > 0 ? begun : study.RequiredPaths();
    }

    /// <summary>Seed 2 before seed 10.</summary>
    private static Comparer<string> SeedOrder { get; } =
        Comparer<string>.Create((a, b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b));
}
