using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps.Reading;

namespace ResidualPrompts.Sweeps;

/// <summary>Makes runs of a file's entries: settings in force, identity, name; two entries of one identity become one run.</summary>
/// <param name="file">The file.</param>
internal sealed class SweepPlanner(SweepFile file)
{
    private readonly SweepInputs _inputs = new();
    private readonly SweepNames _names = new(file.Varied);
    private readonly List<SweepProblem> _problems = [];
    private readonly List<SweepRun> _runs = [];
    private readonly bool _hasSeeds = file.Groups.Any(
        group => group.Refine is not null || group.Entries.Any(entry => entry.Settings.ContainsKey("seed")));

    /// <summary>The runs, each once, in the order of the file.</summary>
    internal IReadOnlyList<SweepRun> Runs => _runs;

    /// <summary>What the user should know, one sentence each.</summary>
    internal List<string> Notes { get; } = [];

    /// <summary>Checks that nothing is wrong so far.</summary>
    /// <exception cref="RunSpecException">Something is; the message lists every problem with its place.</exception>
    internal void Require()
    {
        if (_problems.Count > 0)
            throw SweepRefusal.Of(file.Path, _problems);
    }

    /// <summary>Adds entries.</summary>
    /// <param name="entries">The entries with their groups.</param>
    /// <param name="isRefined">Whether they are of a second stage, which is meant to repeat some of the first.</param>
    internal void Add(IEnumerable<(SweepGroup Group, SweepEntry Entry)> entries, bool isRefined)
    {
        var made = entries.Select(pair => (pair.Group, Run: Make(pair.Entry, isRefined))).ToList();
        made = WithBudgets(made);
        var byIdentity = _runs.Select((run, index) => (run, index)).ToDictionary(pair => pair.run.Identity.Digest, pair => pair.index);
        var repeated = new List<(SweepRun First, SweepRun Again)>();
        foreach (var (group, run) in made)
        {
            if (!byIdentity.TryGetValue(run.Identity.Digest, out var known))
            {
                byIdentity.Add(run.Identity.Digest, _runs.Count);
                _runs.Add(run with { Groups = [group] });
                continue;
            }

            var first = _runs[known];
            if (first.Groups.Contains(group) && !isRefined)
                repeated.Add((first, run));
            else if (!first.Groups.Contains(group))
                _runs[known] = first with { Groups = [.. first.Groups, group] };
        }

        if (repeated.Count > 0)
        {
            var (first, again) = repeated[0];
            Notes.Add($"{repeated.Count} of {made.Count} entries repeat a run, which is trained once: the settings in which they differ act on "
                + $"nothing there (the first such run is {first.Name}, of {PlaceOf(first)} and {PlaceOf(again)}).");
        }

        CheckNames();
    }

    private static string PlaceOf(SweepRun run) =>
        $"{(run.Entry.Place.Path.Length == 0 ? "the grid" : run.Entry.Place.Path)} in line {run.Entry.Place.Line}";

    private SweepRun Make(SweepEntry entry, bool isRefined)
    {
        var spec = SweepPaths.Resolve(entry.ToSpec(), file.Folder);
        foreach (var problem in file.Halving?.Problems(spec, entry.Settings.ContainsKey) ?? [])
            _problems.Add(entry.Problem(problem.Key, problem.Message));
        spec = file.Halving?.Last.Of(spec) ?? spec;
        var input = _inputs.Of(spec);
        var inert = InertSettings.Of(spec, input.Facts).Keys.ToHashSet();
        spec = Acting(spec, inert);
        var name = _names.Of(spec, _hasSeeds);
        var folder = Path.Combine(file.SaveDir, name.Replace('/', Path.DirectorySeparatorChar));
        spec = spec with { SaveDir = Path.GetDirectoryName(folder)!, SaveName = Path.GetFileName(folder) };
        foreach (var problem in spec.Validate().Concat(input.Problems).Concat(OfRows(spec, input)))
            _problems.Add(entry.Problem(problem.Key, problem.Message.TrimEnd('.')));
        var identity = RunIdentity.Of(spec, inert, input.Inputs);
        return new SweepRun(name, folder, spec, identity, [])
        {
            Entry = entry,
            Input = input,
            FoundBy = identity.Digest,
            Missing = input.Missing,
            IsRefined = isRefined,
        };
    }

    /// <summary>The settings without those that act on nothing.</summary>
    private static RunSpec Acting(RunSpec spec, HashSet<string> inert)
    {
        var (acting, defaults) = (spec with { }, new RunSpec());
        foreach (var key in inert)
        {
            var property = RunSpecProperty.WithKey(key).Property;
            property.SetValue(acting, property.GetValue(defaults)); // the copy is not shared yet
        }

        return acting;
    }

    private IEnumerable<RunProblem> OfRows(RunSpec spec, SweepInput input)
    {
        if (file.Halving is not { } halving)
            yield break;
        if (input.Inputs.TrainCount is { } count)
        {
            if (halving.OrderProblem(spec, count) is { } order)
                yield return order;
            else if (halving.CadenceProblem(spec, count) is { } cadence)
                yield return cadence;
            else if (halving.EvaluationProblem(spec, count) is { } evaluation)
                yield return evaluation;
        }

        if (input.Inputs.Validates == false)
            yield return new RunProblem("halving", "has nothing to compare: the run has no validation rows");
        if (halving.Metric is { } metric && input.Metrics.Count > 0 && !input.Metrics.Contains(metric))
        {
            yield return new RunProblem("halving",
                $"compares {ShownText.Value(metric)}, which is not a metric of the task, expected {string.Join(" or ", input.Metrics)}");
        }
    }

    /// <summary>Runs that are one run but for their budget have it in their identity, each of them.</summary>
    private List<(SweepGroup Group, SweepRun Run)> WithBudgets(List<(SweepGroup Group, SweepRun Run)> made)
    {
        static (long?, int?, long?) Budget(SweepRun run) =>
            run.LastStep is { } step ? (step, null, null) : (null, run.Spec.Epochs, run.Spec.MaxSteps);
        var budgets = made.Select(pair => pair.Run).Concat(_runs).GroupBy(run => run.FoundBy)
            .Where(same => same.Select(Budget).Distinct().Skip(1).Any()).Select(same => same.Key).ToHashSet();
        SweepRun With(SweepRun run) => budgets.Contains(run.FoundBy) && run.Identity.Digest == run.FoundBy
            ? run with { Identity = run.Identity.WithBudget(run.Spec) }
            : run;
        for (var i = 0; i < _runs.Count; i++)
            _runs[i] = With(_runs[i]);
        return [.. made.Select(pair => (pair.Group, With(pair.Run)))];
    }

    private void CheckNames()
    {
        var byName = new Dictionary<string, SweepRun>(StringComparer.OrdinalIgnoreCase);
        foreach (var run in _runs)
        {
            if (byName.TryAdd(run.Name, run))
                continue;
            var first = byName[run.Name];
            var differing = first.Identity.Differences(run.Identity);
            var what = differing.Count == 0 ? "their length" : string.Join(", ", differing.Take(5));
            _problems.Add(run.Entry.Place.Problem(
                $"the name {run.Name} is that of two runs, which differ in {what} (the other stands in line "
                    + $"{first.Entry.Place.Line}); give one of them a save_name of its own, in an item of runs"));
        }
    }
}
