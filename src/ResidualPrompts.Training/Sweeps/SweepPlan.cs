using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps;

/// <summary>What a sweep file asks for, and how far it is done.</summary>
/// <param name="File">The file.</param>
/// <param name="Runs">The runs in the order in which they are trained; each once.</param>
/// <param name="NotInFile">Runs in the sweep's folder that the file does not name.</param>
/// <param name="Notes">What the user should know, one sentence each.</param>
internal sealed record SweepPlan(SweepFile File, IReadOnlyList<SweepRun> Runs, IReadOnlyList<FoundRun> NotInFile, IReadOnlyList<string> Notes)
{
    /// <summary>Runs of each state, without those that no run has.</summary>
    internal IReadOnlyDictionary<SweepRunState, int> Counts
    {
        get
        {
            var counts = Runs.CountBy(run => run.State).Concat(
                NotInFile.Count > 0 ? [KeyValuePair.Create(SweepRunState.NotInFile, NotInFile.Count)] : []);
            return new SortedDictionary<SweepRunState, int>(counts.ToDictionary());
        }
    }

    /// <summary>What has to be brought before all runs can begin, each once.</summary>
    internal IReadOnlyList<string> Missing => [.. Runs.Where(run => run.Work != SweepWork.None).SelectMany(run => run.Missing).Distinct()];

    /// <summary>The name of a state, as it is shown and written.</summary>
    internal static string NameOf(SweepRunState state) => state == SweepRunState.NotInFile ? "not in the file" : state.ToString().ToLowerInvariant();

    /// <summary>Reads a file and plans its runs.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunSpecException">Something in it is wrong; the message lists every problem with its place.</exception>
    internal static SweepPlan Of(string path) => Of(SweepFile.Read(path));

    /// <summary>Plans the runs of a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="RunSpecException">A run cannot be trained as the file asks.</exception>
    internal static SweepPlan Of(SweepFile file)
    {
        var planner = new SweepPlanner(file);
        planner.Add(file.Groups.SelectMany(group => group.Entries.Select(entry => (group, entry))), isRefined: false);
        planner.Require();
        var found = FoundRun.Below(file.SaveDir);
        var runs = SweepMatching.Match(planner.Runs, found, file.Halving);
        foreach (var group in file.Groups.Where(group => group.Refine is not null))
        {
            var ofGroup = runs.Where(run => run.Groups.Contains(group) && !run.IsRefined).ToList();
            planner.Add(SecondStage.Entries(group, ofGroup, planner.Notes.Add).Select(entry => (group, entry)), isRefined: true);
        }

        planner.Require();
        runs = SweepMatching.Match(planner.Runs, found, file.Halving);
        if (file.Halving is { } halving)
            runs = SweepHalving.Apply(halving, runs, found);
        var known = runs.Select(run => run.Directory).ToHashSet();
        return new SweepPlan(file, runs, [.. found.Where(run => !known.Contains(run.Directory))], [.. file.Notes, .. planner.Notes]);
    }
}
