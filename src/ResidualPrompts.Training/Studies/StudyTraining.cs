using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Runs.Resuming;
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

    private StudyTraining(Study study, IReadOnlyList<RunSpec> specs, RunMode mode, bool isNew) =>
        (_study, Specs, _mode, _isNew) = (study, specs, mode, isNew);

    /// <summary>The settings of the runs to train, one after another.</summary>
    internal IReadOnlyList<RunSpec> Specs { get; }

    /// <summary>The record of a run of the study that is continued: it knows where files are also for runs not begun. Null = none.</summary>
    internal RunRecord? Sibling { get; private init; }

    /// <summary>Checks whether a study may be trained into its folder.</summary>
    /// <param name="spec">The settings; SAVE_DIR/SAVE_NAME is the folder.</param>
    /// <param name="seeds">The seeds to train; null = all runs of a study that is continued.</param>
    /// <param name="mode">What to do when the folder exists. A resumed study may get more seeds, and all of its runs another length.</param>
    /// <exception cref="InputException">
    /// The folder is a run, exists, is a study of other settings, or of runs that cannot get this length.
    /// </exception>
    internal static StudyTraining Open(RunSpec spec, IReadOnlyList<long>? seeds, RunMode mode)
    {
        var folder = Path.GetFullPath(spec.Directory);
        if (RunDirectory.Is(folder))
            throw RunException.IsRun(folder);
        if (mode == RunMode.New && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw RunException.Exists(folder);
        var asked = new Study(folder, [.. (seeds ?? []).Select(seed => RunOf(spec, seed))], Study.Shared(RunSpecJson.Write(spec)));
        var earlier = mode == RunMode.Resume ? Study.Find(folder, RunException.DamagedState) : null;
        if (earlier is null && seeds is null)
            throw RunException.NotAStudy(folder);
        return earlier is null ? new StudyTraining(asked, [.. SpecsOf(spec, asked.Runs)], mode, isNew: true) : Continue(earlier, spec, asked);
    }

    /// <summary>The settings of a new run of the study.</summary>
    internal static RunSpec SpecOf(RunSpec spec, long seed) => Study.SpecOf(spec, RunOf(spec, seed));

    private static StudyTraining Continue(Study earlier, RunSpec spec, Study asked)
    {
        var changed = earlier.Differences(spec);
        if (!RunGrowth.Allows(changed))
            throw RunException.Changed(earlier.Folder, changed);
        StudyRun Known(StudyRun run) => earlier.Runs.FirstOrDefault(other => other.Path == run.Path) ?? run;
        StudyRun[] wanted = [.. asked.Runs.Select(Known)];
        var whole = earlier with { Runs = [.. earlier.Runs.Union(wanted)], Settings = asked.Settings };
        if (earlier.Replacing.Count > 0)
        {
            // Before a run that is to be removed is taken for one to continue.
            using var held = RunLock.Take(new RunDirectory(earlier.Folder));
            Remove(earlier);
        }

        RunRecord? sibling = null;
        // No run changes its length unless all can.
        foreach (var one in SpecsOf(spec, earlier.Runs))
        {
            if (new RunDirectory(one.Directory) is var directory && RunDirectory.Is(directory.Path)
                && RunRecord.Read(directory, RunException.DamagedState) is var record)
            {
                RunGrowth.Require(directory, record, RunSpecJson.Continuing(record.Spec, one));
                sibling ??= record;
            }
        }

        // Another length is that of every run, whichever seeds were named.
        StudyRun[] trained = wanted.Length == 0 ? [.. whole.Runs] : changed.Count == 0 ? wanted : [.. wanted.Union(whole.Runs)];
        return new StudyTraining(whole, [.. SpecsOf(spec, trained)], RunMode.Resume,
            isNew: !Study.Is(earlier.Folder) || whole.Runs.Count > earlier.Runs.Count || changed.Count > 0)
        { Sibling = sibling };
    }

    private static StudyRun RunOf(RunSpec spec, long seed) => new($"seed-{seed}", seed, spec.FewShotSeed, spec.SplitsBySeed ? null : spec.SplitSeed);

    private static IEnumerable<RunSpec> SpecsOf(RunSpec spec, IEnumerable<StudyRun> runs) => runs.Select(run => Study.SpecOf(spec, run));

    /// <summary>Writes the file of the study, once, after removing the runs of an earlier one that is replaced.</summary>
    /// <exception cref="RunException">Another process trains the study, or a run of the replaced one.</exception>
    internal void Begin()
    {
        _lock?.Require();
        if (_lock is not null)
            return;
        _study.CreateFolder();
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
}
