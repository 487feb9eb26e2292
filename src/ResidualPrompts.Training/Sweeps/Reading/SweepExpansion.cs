using System.Globalization;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps.Reading;

/// <summary>What the whole file or a group says of runs.</summary>
/// <param name="Base">Settings of every run.</param>
/// <param name="Axes">Values of settings; the grid has every combination.</param>
/// <param name="Listed">Further runs.</param>
/// <param name="Seeds">The seeds of each; none = the seed of the base.</param>
/// <param name="Refine">The second stage.</param>
internal sealed record SweepParts(
    Dictionary<string, SweepSetting> Base, Dictionary<string, IReadOnlyList<SweepSetting>> Axes, IReadOnlyList<SweepEntry> Listed,
    IReadOnlyList<SweepSetting> Seeds, SweepRefinement? Refine)
{
    /// <summary>Where it stands.</summary>
    internal PlacedJson Place { get; init; } = null!;
}

/// <summary>
/// Makes the runs of a group: every combination of its axes, then its listed runs, each with every seed. A group with neither axes nor list is one
/// run.
/// </summary>
/// <param name="excluded">Settings of which a run that has all is left out.</param>
/// <param name="varied">Collects the settings that differ between runs.</param>
/// <param name="problems">Collects problems.</param>
internal sealed class SweepExpansion(
    IReadOnlyDictionary<string, SweepSetting>[] excluded, HashSet<string> varied, List<SweepProblem> problems)
{
    private const string Seed = "seed";
    private readonly HashSet<int> _used = [];
    private int _count;

    /// <summary>The numbers of the exclusions that no run fits, from 0.</summary>
    internal IEnumerable<int> UnusedExclusions => Enumerable.Range(0, excluded.Length).Except(_used);

    /// <summary>The runs of a group.</summary>
    internal IReadOnlyList<SweepEntry> Entries(SweepParts parts)
    {
        varied.UnionWith(parts.Axes.Keys.Concat(parts.Listed.SelectMany(listed => listed.Settings.Keys)));
        if (Problem(parts))
            return [];
        IEnumerable<SweepEntry> grid = parts.Axes.Count > 0 || parts.Listed.Count == 0 ? Grid(parts) : [];
        var listed = parts.Listed.Select(one => new SweepEntry(parts.Base, one.Place).With(one.Settings.Values));
        return [.. grid.Concat(listed).SelectMany(entry => Seeded(entry, parts.Seeds)).Where(entry => !IsExcluded(entry))];
    }

    private static IEnumerable<SweepEntry> Grid(SweepParts parts) => parts.Axes.Values.Aggregate(
        (IEnumerable<SweepEntry>)[new SweepEntry(parts.Base, parts.Place)],
        (entries, axis) => entries.SelectMany(_ => axis, (entry, value) => entry.With(value)));

    private static IEnumerable<SweepEntry> Seeded(SweepEntry entry, IReadOnlyList<SweepSetting> seeds) =>
        seeds.Count == 0 ? [entry] : seeds.Select(seed => entry.With(seed));

    private bool Problem(SweepParts parts)
    {
        if (parts.Seeds.Count > 0)
        {
            var twice = new[] { parts.Base.GetValueOrDefault(Seed), parts.Axes.GetValueOrDefault(Seed)?[0] }
                .Concat(parts.Listed.Select(one => one.Settings.GetValueOrDefault(Seed))).OfType<SweepSetting>();
            problems.AddRange(twice.Select(seed => seed.Place.Problem("seed is given beside seeds; give one of them")));
        }

        if (parts.Refine is { } refine && refine.Choose.FirstOrDefault(key => !Varies(parts, key)) is { } fixedKey)
        {
            problems.Add(parts.Place.Problem(
                $"refine chooses {fixedKey}, which has one value in {(parts.Place.Path.Length == 0 ? "the file" : "the group")}"));
        }

        var count = parts.Axes.Values.Aggregate(1.0, (product, axis) => product * axis.Count) + parts.Listed.Count;
        count *= Math.Max(1, parts.Seeds.Count);
        if (_count + count <= SweepFile.MostRuns)
        {
            _count += (int)count;
            return false;
        }

        problems.Add(parts.Place.Problem(string.Create(
            CultureInfo.InvariantCulture, $"asks for {_count + count:0} runs, expected at most {SweepFile.MostRuns}")));
        return true;
    }

    private static bool Varies(SweepParts parts, string key) => parts.Axes.TryGetValue(key, out var axis) && axis.Count > 1
        || parts.Listed.Any(listed => listed.Settings.ContainsKey(key));

    private bool IsExcluded(SweepEntry entry)
    {
        RunSpec? spec = null;
        var isExcluded = false;
        for (var i = 0; i < excluded.Length; i++)
        {
            spec ??= entry.ToSpec();
            if (!excluded[i].Values.All(setting => Equals(
                setting.Property.Property.GetValue(spec), setting.Value ?? setting.Property.Property.GetValue(new RunSpec()))))
                continue;
            _used.Add(i);
            isExcluded = true;
        }

        return isExcluded;
    }
}
