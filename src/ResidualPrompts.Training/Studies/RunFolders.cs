using ResidualPrompts.Runs;

namespace ResidualPrompts.Studies;

/// <summary>Finds the runs behind paths: a run directory, or a folder of runs as several seeds make it.</summary>
internal static class RunFolders
{
    private const string SeedPattern = "seed-*";

    /// <summary>Reads the runs of all paths, each once.</summary>
    /// <param name="paths">Run directories, and folders with a run per seed.</param>
    /// <exception cref="RunException">A path is neither, or a run's record is damaged.</exception>
    internal static IReadOnlyList<RunSummary> Read(IEnumerable<string> paths) =>
        [.. paths.SelectMany(Expand).DistinctBy(Path.GetFullPath).Select(RunSummary.Read)];

    private static IReadOnlyList<string> Expand(string path)
    {
        if (RunDirectory.Is(path) || !Directory.Exists(path))
            return [path];
        string[] seeds = [.. Directory.GetDirectories(path, SeedPattern).Where(RunDirectory.Is).Order(SeedOrder)];
        return seeds.Length == 0 ? [path] : seeds;
    }

    /// <summary>Seed 2 before seed 10.</summary>
    private static Comparer<string> SeedOrder { get; } =
        Comparer<string>.Create((a, b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b));
}
