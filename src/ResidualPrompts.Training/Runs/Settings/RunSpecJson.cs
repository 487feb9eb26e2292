using System.Text.Json.Nodes;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs.Settings;

/// <summary>Converts a <see cref="RunSpec"/> from and to JSON.</summary>
public static class RunSpecJson
{
    private const string SplitSeed = "split_seed";

    /// <summary>Reads a configuration file: one JSON object of settings.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunSpecException">The file is not a configuration file, or a key is unknown.</exception>
    public static JsonObject ReadFile(string path)
    {
        try
        {
            var json = JsonFile.Node(PlainFile.ReadNamed(path, PlainFile.LongestJson), JsonFormats.Commented) as JsonObject
                ?? throw RunSpecException.Unreadable(path, "it contains another kind of JSON");
            CheckKeys(json, path);
            return json;
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is IOException or UnauthorizedAccessException)
        {
            throw RunSpecException.Unreadable(path, JsonProblem.Of(e));
        }
    }

    /// <summary>Creates a spec; settings without a value have their defaults.</summary>
    /// <param name="values">Values by key.</param>
    /// <param name="source">Their name in messages.</param>
    /// <exception cref="RunSpecException">A key is unknown or a value is not of its type.</exception>
    public static RunSpec Read(JsonObject values, string source)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckKeys(values, source);
        var spec = new RunSpec();
        foreach (var setting in RunSpecProperty.All.Where(setting => values[setting.Key] is not null)) // null = the default, which may depend on others
            setting.Property.SetValue(spec, setting.FromJson(values[setting.Key], setting.Key)); // the record is new and not shared yet
        return spec;
    }

    /// <summary>Creates the spec of a run's record. One without split_seed holds rows out by its seed.</summary>
    internal static RunSpec ReadRecord(JsonObject values, string source) =>
        Read(values, source) with { SplitsBySeed = !values.ContainsKey(SplitSeed) };

    /// <summary>Every setting of a spec with its value.</summary>
    /// <param name="spec">The spec.</param>
    public static JsonObject Write(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new JsonObject(RunSpecProperty.All.Where(setting => !(spec.SplitsBySeed && setting.Key == SplitSeed))
            .Select(setting => KeyValuePair.Create(setting.Key, setting.ToJson(spec))));
    }

    /// <summary>The settings of a command that continues a run: its rule of held-out rows stays, unless another seed is asked for.</summary>
    internal static RunSpec Continuing(RunSpec recorded, RunSpec asked) =>
        recorded.SplitsBySeed && (asked.SplitSeed == new RunSpec().SplitSeed || asked.SplitSeed == asked.Seed)
            ? asked with { SplitsBySeed = true, SplitSeed = recorded.SplitSeed }
            : asked;

    /// <summary>Keys in which two specs differ, except those of the run directory.</summary>
    /// <param name="first">One spec.</param>
    /// <param name="second">The other.</param>
    public static IReadOnlyList<string> Differences(RunSpec first, RunSpec second) =>
    [
        .. RunSpecProperty.All.Where(setting => setting.Key is not ("save_dir" or "save_name"))
            .Where(setting => !Equals(setting.Property.GetValue(first), setting.Property.GetValue(second)))
            .Select(setting => setting.Key),
    ];

    private static void CheckKeys(JsonObject values, string source)
    {
        foreach (var (key, _) in values)
        {
            if (RunSpecProperty.All.All(setting => setting.Key != key))
                throw RunSpecException.UnknownKey(source, key, NearestName.Of(key, RunSpecProperty.All.Select(setting => setting.Key)));
        }
    }
}
