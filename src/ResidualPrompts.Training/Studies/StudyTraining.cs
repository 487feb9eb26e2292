using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Studies;

/// <summary>
/// Keeps the file of a study while its runs are trained one after another. Nothing is written before the checks of the first run have passed. What
/// replaces an earlier study says so first, so that a run of the earlier one is never taken for a run of the new one.
/// </summary>
internal sealed class StudyTraining : IDisposable
{
    private readonly RunMode _mode;
    private readonly Study _study;
    private readonly bool _isNew;
    private RunLock? _lock;

    private StudyTraining(Study study, RunMode mode, bool isNew) => (_study, _mode, _isNew) = (study, mode, isNew);

    /// <summary>The study.</summary>
    internal Study Study => _study;

    /// <summary>Checks whether a study may be trained into its folder.</summary>
    /// <param name="spec">The settings; SAVE_DIR/SAVE_NAME is the folder.</param>
    /// <param name="seeds">The seeds to train.</param>
    /// <param name="mode">What to do when the folder exists. A resumed study may get more seeds.</param>
    /// <exception cref="InputException">The folder is a run, exists, or is a study of other settings.</exception>
    internal static StudyTraining Open(RunSpec spec, IReadOnlyList<long> seeds, RunMode mode)
    {
        var folder = Path.GetFullPath(spec.Directory);
        if (RunDirectory.Is(folder))
            throw RunException.IsRun(folder);
        if (mode == RunMode.New && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw RunException.Exists(folder);
        var asked = new Study(folder, [.. seeds.Select(seed => new StudyRun($"seed-{seed}", seed, spec.FewShotSeed, spec.SplitSeed))],
            Study.Shared(RunSpecJson.Write(spec)));
        if (mode != RunMode.Resume)
            return new StudyTraining(asked, mode, isNew: true);
        var earlier = Study.Is(folder) ? Study.Read(folder) : Unnamed(folder);
        if (earlier is null)
            return new StudyTraining(asked, mode, isNew: true);
        if (earlier.Differences(spec) is { Count: > 0 } changed)
            throw RunException.Changed(folder, changed);
        var whole = earlier with { Runs = [.. earlier.Runs, .. asked.Runs.Where(run => earlier.Runs.All(other => other.Path != run.Path))] };
        var training = new StudyTraining(whole, mode, isNew: !Study.Is(folder) || whole.Runs.Count > earlier.Runs.Count);
        if (earlier.Replacing.Count > 0)
        {
            // Before a run that is to be removed is taken for one to continue.
            using var held = RunLock.Take(new RunDirectory(folder));
            Remove(earlier);
        }

        return training;
    }

    /// <summary>The settings of one run of the study.</summary>
    internal static RunSpec SpecOf(RunSpec spec, long seed) =>
        spec with { Seed = seed, SaveDir = Path.Combine(spec.SaveDir, spec.SaveName ?? ""), SaveName = $"seed-{seed}" };

    /// <summary>Writes the file of the study, once, after removing the runs of an earlier one that is replaced.</summary>
    /// <exception cref="RunException">Another process trains the study, or a run of the replaced one.</exception>
    internal void Begin()
    {
        if (_lock is not null)
            return;
        Disk.CreateFolder(_study.Folder);
        _lock = RunLock.Take(new RunDirectory(_study.Folder));
        foreach (var leftover in AtomicFile.LeftoversIn(_study.Folder).ToList())
            AtomicFile.DeleteQuietly(leftover);
        var earlier = _mode == RunMode.Overwrite ? EarlierRuns(_study.Folder) : [];
        if (earlier.Count > 0)
            Remove(_study with { Replacing = earlier });
        else if (_isNew)
            _study.Write();
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    /// <summary>Removes the runs that a study replaces, and says at first that it does and at last that it has.</summary>
    private static void Remove(Study study)
    {
        RunDirectory[] runs = [.. study.Replacing.Select(study.PathOf).Where(Directory.Exists).Select(path => new RunDirectory(path))];
        Holding(runs, () =>
        {
            study.Write();
            foreach (var run in runs)
                run.Remove();
        });
        foreach (var run in runs.Where(run => !Directory.EnumerateFileSystemEntries(run.Path).Any()))
            Disk.DeleteFolder(run.Path);
        (study with { Replacing = [] }).Write();
    }

    /// <summary>Acts while the locks of all runs are held; each is released, whatever fails.</summary>
    private static void Holding(ReadOnlySpan<RunDirectory> runs, Action act)
    {
        if (runs.IsEmpty)
        {
            act();
            return;
        }

        using var held = RunLock.Take(runs[0]);
        Holding(runs[1..], act);
    }

    /// <summary>The runs that lie in the folder; those that a study names elsewhere are not its own to remove.</summary>
    private static IReadOnlyList<string> EarlierRuns(string folder)
    {
        var named = Study.Is(folder) ? NamesOf(folder) : [];
        return [.. named.Concat(RunFolders.SeedsIn(folder).Select(Path.GetFileName).OfType<string>())
            .Distinct().Where(run => !run.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(run))];

        static IEnumerable<string> NamesOf(string folder)
        {
            try
            {
                var study = Study.Read(folder);
                return study.Runs.Select(run => run.Path).Concat(study.Replacing);
            }
            catch (RunException)
            {
                return []; // damaged, and replaced for that
            }
        }
    }

    /// <summary>The study that a folder of runs without a file is, as earlier versions left it; null where there are no runs.</summary>
    private static Study? Unnamed(string folder) =>
        RunFolders.SeedsIn(folder) is { Count: > 0 } runs ? Study.Of(folder, [.. runs.Select(RunSummary.Read)]) : null;
}
