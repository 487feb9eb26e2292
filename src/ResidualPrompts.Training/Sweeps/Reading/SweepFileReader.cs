using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps.Reading;

/// <summary>Reads the parts of a sweep file. Problems are collected, so that one look at the file mends them all.</summary>
/// <param name="path">The file, as it was named.</param>
internal sealed class SweepFileReader(string path)
{
    /// <summary>The keys of the whole.</summary>
    internal static readonly string[] TopKeys =
        ["$schema", "save_dir", "base", "axes", "runs", "seeds", "exclude", "groups", "refine", "threads", "halving"];

    /// <summary>The keys of a group.</summary>
    internal static readonly string[] GroupKeys = ["label", "base", "axes", "runs", "seeds", "refine"];

    private readonly List<SweepProblem> _problems = [];
    private readonly List<string> _notes = [];

    /// <summary>Reads the whole.</summary>
    /// <exception cref="RunSpecException">Something in it is wrong.</exception>
    internal SweepFile Read(PlacedJson json)
    {
        if (json.Kind != JsonValueKind.Object)
            throw SweepRefusal.Of(path, [json.Problem($"is {json.Shown}, expected an object with base, axes, runs, seeds, groups …")]);
        var top = Members(json, TopKeys, "of a sweep file");
        var saveDir = Text(top, "save_dir");
        var common = Parts(top, null);
        var excluded = Objects(top, "exclude").Select(one => Settings(one, SettingPlace.Exclusion)).Where(one => one.Count > 0).ToArray();
        var halving = top.TryGetValue("halving", out var place) ? HalvingReader.Read(place.Value, _problems) : null;
        if (halving is not null && place is not null && (common.Refine is not null || top.ContainsKey("refine")))
            _problems.Add(place.Problem("halving and refine exclude each other: both decide which settings train further"));
        var (groups, varied) = Groups(json, top, common, excluded, halving is not null);
        var threads = Count(top, "threads", 1, 4096);
        if (_problems.Count > 0)
            throw SweepRefusal.Of(path, _problems);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = new SweepFile(
            path, Path.TrimEndingDirectorySeparator(Path.GetFullPath(saveDir ?? SweepPaths.DefaultFolderName(path), folder)), groups)
        {
            Threads = threads,
            Halving = halving,
            Varied = varied,
            Notes = _notes,
        };
        return file;
    }

    private (IReadOnlyList<SweepGroup> Groups, HashSet<string> Varied) Groups(
        PlacedJson json, Dictionary<string, PlacedMember> top, SweepParts common, IReadOnlyDictionary<string, SweepSetting>[] excluded, bool halves)
    {
        var varied = new HashSet<string>();
        var expansion = new SweepExpansion(excluded, varied, _problems);
        var groups = new List<SweepGroup>();
        if (!top.TryGetValue("groups", out var member))
        {
            groups.Add(new SweepGroup("", "", expansion.Entries(common with { Place = json }), common.Refine));
        }
        else if (member.Value.Kind != JsonValueKind.Object || member.Value.Members.Count == 0)
        {
            _problems.Add(member.Value.Problem(
                $"is {(member.Value.Kind == JsonValueKind.Object ? "empty" : member.Value.Shown)}, expected an object with a group for each name"));
        }
        else
        {
            varied.UnionWith(member.Value.Members.Where(group => group.Value.Kind == JsonValueKind.Object)
                .SelectMany(group => group.Value.Members).Where(part => part.Key == "base").SelectMany(part => part.Value.Members)
                .Select(setting => setting.Key));
            foreach (var group in Members(member.Value, null, "of groups").Values)
            {
                var own = Members(group.Value, GroupKeys, "of a group");
                var parts = Parts(own, common) with { Place = group.Value };
                if (group.Key.Trim().Length == 0)
                    _problems.Add(group.Problem("a group needs a name"));
                if (halves && own.TryGetValue("refine", out var refine))
                    _problems.Add(refine.Problem("halving and refine exclude each other: both decide which settings train further"));
                groups.Add(new SweepGroup(group.Key, Text(own, "label") ?? group.Key, expansion.Entries(parts), parts.Refine));
            }
        }

        foreach (var unused in expansion.UnusedExclusions)
            _notes.Add($"exclude[{unused}] excludes no run.");
        foreach (var empty in groups.Where(group => group.Entries.Count == 0 && _problems.Count == 0))
        {
            _problems.Add((member?.Value ?? json).Problem(
                $"{(empty.Name.Length == 0 ? "the file" : $"group {empty.Name}")} has no run that is not excluded"));
        }

        return (groups, varied);
    }

    /// <summary>What the whole or a group says; a group inherits what it does not say itself, and adds to base and axes.</summary>
    private SweepParts Parts(Dictionary<string, PlacedMember> members, SweepParts? inherited)
    {
        var own = members.TryGetValue("base", out var member) ? Settings(member.Value, SettingPlace.Base) : new Dictionary<string, SweepSetting>();
        var axes = new Dictionary<string, IReadOnlyList<SweepSetting>>();
        IEnumerable<PlacedMember> ofAxes = members.TryGetValue("axes", out member) ? Members(member.Value, null, "of axes").Values : [];
        foreach (var axis in ofAxes)
        {
            if (Axis(axis) is { Count: > 0 } values)
                axes[axis.Key] = values;
        }

        var listed = members.ContainsKey("runs")
            ? Objects(members, "runs").Select(one => new SweepEntry(Settings(one, SettingPlace.Run), one)).ToArray()
            : null;
        var parts = new SweepParts(
            Merged(inherited?.Base, own),
            Merged(inherited?.Axes, axes),
            listed ?? inherited?.Listed ?? [],
            members.TryGetValue("seeds", out member) ? Seeds(member.Value) : inherited?.Seeds ?? [],
            members.TryGetValue("refine", out member) ? Refinement(member.Value) : inherited?.Refine);
        // A group's base replaces an axis that it inherits.
        foreach (var key in own.Keys.Where(key => !axes.ContainsKey(key)))
            parts.Axes.Remove(key);
        return parts;
    }

    private static Dictionary<string, T> Merged<T>(IReadOnlyDictionary<string, T>? first, IReadOnlyDictionary<string, T> second)
    {
        var merged = new Dictionary<string, T>(first ?? new Dictionary<string, T>());
        foreach (var (key, value) in second)
            merged[key] = value;
        return merged;
    }

    private List<SweepSetting>? Axis(PlacedMember axis)
    {
        if (Property(axis, SettingPlace.Axis) is not { } property)
            return null;
        if (axis.Value.Kind != JsonValueKind.Array || axis.Value.Items.Count == 0)
        {
            _problems.Add(axis.Value.Problem(
                $"is {(axis.Value.Kind == JsonValueKind.Array ? "empty" : axis.Value.Shown)}, expected a list of values"));
            return null;
        }

        var values = axis.Value.Items.Select(item => Value(property, item)).OfType<SweepSetting>().ToList();
        foreach (var twice in values.GroupBy(value => value.Value).SelectMany(same => same.Skip(1)))
            _problems.Add(twice.Place.Problem($"{twice.Place.Shown} stands there twice"));
        return values;
    }

    private List<SweepSetting> Seeds(PlacedJson json)
    {
        var property = RunSpecProperty.Named(nameof(RunSpec.Seed));
        if (json.Kind != JsonValueKind.Array || json.Items.Count == 0)
        {
            _problems.Add(json.Problem($"is {(json.Kind == JsonValueKind.Array ? "empty" : json.Shown)}, expected a list of whole numbers"));
            return [];
        }

        var seeds = json.Items.Select(item => item.Kind == JsonValueKind.Null ? Missing(item, "a whole number") : Value(property, item))
            .OfType<SweepSetting>().ToList();
        foreach (var twice in seeds.GroupBy(seed => seed.Value).SelectMany(same => same.Skip(1)))
            _problems.Add(twice.Place.Problem($"seed {twice.Place.Shown} stands there twice"));
        return seeds;
    }

    private SweepRefinement? Refinement(PlacedJson json)
    {
        var members = Members(json, ["choose", "by", "seeds"], "of refine");
        if (json.Kind != JsonValueKind.Object)
            return null;
        var choose = Choice(members, json);
        var by = (Text(members, "by") ?? "validation").Split(':', 2);
        if (by[0] != "validation" || by is [_, ""])
        {
            _problems.Add(members["by"].Value.Problem(
                $"is {members["by"].Value.Shown}, expected validation or validation:METRIC: a choice by the test split would bias its metric"));
        }

        var seeds = members.TryGetValue("seeds", out var member) ? Seeds(member.Value) : null;
        if (seeds is null)
            _problems.Add(json.Problem("seeds is missing, expected the seeds of the best setting"));
        return seeds is null ? null : new SweepRefinement(choose, by.ElementAtOrDefault(1), seeds);
    }

    private List<string> Choice(Dictionary<string, PlacedMember> members, PlacedJson json)
    {
        if (!members.TryGetValue("choose", out var member))
        {
            _problems.Add(json.Problem("choose is missing, expected the setting to choose, such as learning_rate"));
            return [];
        }

        var items = member.Value.Kind == JsonValueKind.Array ? member.Value.Items : [member.Value];
        if (items.Count == 0)
            _problems.Add(member.Value.Problem("is empty, expected a setting"));
        var keys = new List<string>();
        foreach (var item in items)
        {
            var key = item.Kind == JsonValueKind.String ? item.Scalar!.GetValue<string>() : "";
            if (RunSpecProperty.All.Any(setting => setting.Key == key))
                keys.Add(key);
            else
                _problems.Add(item.Problem(Unknown(item.Shown, key)));
        }

        return keys;
    }

    private Dictionary<string, SweepSetting> Settings(PlacedJson json, SettingPlace where)
    {
        var settings = new Dictionary<string, SweepSetting>();
        foreach (var member in Members(json, null, "").Values)
        {
            if (Property(member, where) is { } property && Value(property, member.Value) is { } setting)
                settings[member.Key] = setting;
        }

        return settings;
    }

    private RunSpecProperty? Property(PlacedMember member, SettingPlace where)
    {
        var property = RunSpecProperty.All.FirstOrDefault(setting => setting.Key == member.Key);
        var problem = (member.Key, where) switch
        {
            _ when property is null => Unknown($"'{ShownText.Value(member.Key)}'", member.Key),
            ("save_dir", _) => "save_dir stands at the top of the file and holds for all runs",
            ("save_name", SettingPlace.Base or SettingPlace.Axis) =>
                "the sweep names its runs; save_name stands in an item of runs, for that run alone",
            ("save_name", SettingPlace.Exclusion) => "runs are excluded by what they train, not by their names",
            _ => null,
        };
        if (problem is not null)
            _problems.Add(member.Problem(problem));
        return problem is null ? property : null;
    }

    private SweepSetting? Value(RunSpecProperty property, PlacedJson json)
    {
        if (json.Kind is JsonValueKind.Object or JsonValueKind.Array)
            return Missing(json, "one value");
        try
        {
            return new SweepSetting(property, json.Scalar is null ? null : property.FromJson(json.Scalar, property.Key), json);
        }
        catch (RunSpecException e)
        {
            var message = e.Message.TrimEnd('.');
            _problems.Add(json.Problem(
                message.StartsWith(property.Key + " ", StringComparison.Ordinal) ? message[(property.Key.Length + 1)..] : message));
            return null;
        }
    }

    private SweepSetting? Missing(PlacedJson json, string expected)
    {
        _problems.Add(json.Problem($"is {json.Shown}, expected {expected}"));
        return null;
    }

    /// <summary>The members of an object by key, without those that stand there twice or that nobody knows.</summary>
    private Dictionary<string, PlacedMember> Members(PlacedJson json, string[]? known, string of)
    {
        var members = new Dictionary<string, PlacedMember>();
        if (json.Kind != JsonValueKind.Object)
            _problems.Add(json.Problem($"is {json.Shown}, expected an object"));
        foreach (var member in json.Members)
        {
            if (known?.Contains(member.Key) == false)
            {
                var nearest = NearestName.Of(member.Key, known) is { } name ? $"; did you mean {name}"
                    : $", expected one of {string.Join(", ", known)}";
                _problems.Add(member.Problem($"'{ShownText.Value(member.Key)}' is not a key {of}{nearest}"));
            }
            else if (!members.TryAdd(member.Key, member))
            {
                _problems.Add(member.Problem($"'{ShownText.Value(member.Key)}' stands there twice"));
            }
        }

        return members;
    }

    private IReadOnlyList<PlacedJson> Objects(Dictionary<string, PlacedMember> members, string key)
    {
        if (!members.TryGetValue(key, out var member))
            return [];
        if (member.Value.Kind != JsonValueKind.Array || (member.Value.Items.Count == 0 && key == "runs"))
        {
            _problems.Add(member.Value.Problem(
                $"is {(member.Value.Kind == JsonValueKind.Array ? "empty" : member.Value.Shown)}, expected a list of objects with settings"));
        }

        return member.Value.Items;
    }

    private string? Text(Dictionary<string, PlacedMember> members, string key)
    {
        if (!members.TryGetValue(key, out var member))
            return null;
        if (member.Value.Kind == JsonValueKind.String && member.Value.Scalar!.GetValue<string>() is { Length: > 0 } text)
            return text;
        _problems.Add(member.Value.Problem($"is {member.Value.Shown}, expected a text"));
        return null;
    }

    private int? Count(Dictionary<string, PlacedMember> members, string key, int least, int most)
    {
        if (!members.TryGetValue(key, out var member))
            return null;
        if (member.Value.Scalar is JsonValue value && value.TryGetValue<int>(out var count) && count >= least && count <= most)
            return count;
        _problems.Add(member.Value.Problem($"is {member.Value.Shown}, expected a whole number from {least} to {most}"));
        return null;
    }

    private static string Unknown(string shown, string key) => $"{shown} is not a setting"
        + (NearestName.Of(key, RunSpecProperty.All.Select(setting => setting.Key)) is { } nearest ? $"; did you mean {nearest}" : "");

    private enum SettingPlace
    {
        Base,
        Axis,
        Run,
        Exclusion,
    }
}
