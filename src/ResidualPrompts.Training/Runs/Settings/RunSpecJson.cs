using System.Text.Json.Nodes;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs.Settings;

/// <summary>Converts a <see cref="RunSpec"/> from and to JSON.</summary>
public static class RunSpecJson
{
    private const string SplitSeed = "split_seed";

    /// <summary>Reads a configuration file: one JSON object of settings, or the record of a run, which has one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunSpecException">The file is not a configuration file, or a key is unknown.</exception>
    public static JsonObject ReadFile(string path) => ReadFile(path, out _);

    /// <summary>The same, and whether it is the record of a run that holds rows out by its seed, as those of earlier versions do.</summary>
    internal static JsonObject ReadFile(string path, out bool splitsBySeed)
    {
        splitsBySeed = false;
        try
        {
            var json = JsonFile.Node(PlainFile.ReadNamed(path, PlainFile.LongestJson), JsonFormats.Commented) as JsonObject
                ?? throw RunSpecException.Unreadable(path, "it contains another kind of JSON");
            if (json["status"] is not null && json["spec"] is JsonObject ofRun)
            {
                json = ofRun.DeepClone().AsObject(); // the record of a run
                splitsBySeed = !json.ContainsKey(SplitSeed);
            }

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
        // Null is the default, which may depend on other settings.
        foreach (var setting in RunSpecProperty.All.Where(setting => values[setting.Key] is not null))
            setting.Property.SetValue(spec, setting.FromJson(values[setting.Key], setting.Key)); // the record is new and not shared yet
        return spec;
    }

    /// <summary>Creates the spec of a run's record. One without split_seed holds rows out by its seed.</summary>
    internal static RunSpec ReadRecord(JsonObject values, string source) =>
        Read(values, source) with { SplitsBySeed = !values.ContainsKey(SplitSeed) };

    /// <summary>Every setting of a spec with its value; null where it acts on nothing, such as the inner width of an absent network.</summary>
    /// <param name="spec">The spec.</param>
    public static JsonObject Write(RunSpec spec) => Write(spec, [.. InertSettings.Of(spec).Keys]);

    /// <summary>The same for a run whose data decides what acts.</summary>
    internal static JsonObject Write(RunSpec spec, IReadOnlyCollection<string> inert) =>
        new(RunSpecProperty.All.Where(setting => !(spec.SplitsBySeed && setting.Key == SplitSeed))
            .Select(setting => KeyValuePair.Create(setting.Key, inert.Contains(setting.Key) ? null : setting.ToJson(spec))));

    /// <summary>Every setting with its value, also where it acts on nothing.</summary>
    internal static JsonObject WriteAll(RunSpec spec) => Write(spec, []);

    /// <summary>The settings of a command that continues a run: its rule of held-out rows stays, unless another seed is asked for.</summary>
    internal static RunSpec Continuing(RunSpec recorded, RunSpec asked) =>
        recorded.SplitsBySeed && (asked.SplitSeed == new RunSpec().SplitSeed || asked.SplitSeed == asked.Seed)
            ? asked with { SplitsBySeed = true, SplitSeed = recorded.SplitSeed }
            : asked;

    /// <summary>Keys in which two specs differ, except those of the run directory and those that act on nothing in either.</summary>
    /// <param name="first">One spec.</param>
    /// <param name="second">The other.</param>
    public static IReadOnlyList<string> Differences(RunSpec first, RunSpec second)
    {
        var (inFirst, inSecond) = (InertSettings.Of(first), InertSettings.Of(second));
        return
        [
            .. RunSpecProperty.All.Where(setting => setting.Key is not ("save_dir" or "save_name") && !setting.IsEqual(first, second))
                .Select(setting => setting.Key).Where(key => !inFirst.ContainsKey(key) || !inSecond.ContainsKey(key)),
        ];
    }

    private static void CheckKeys(JsonObject values, string source)
    {
        foreach (var (key, _) in values)
        {
            if (RunSpecProperty.All.All(setting => setting.Key != key))
                throw RunSpecException.UnknownKey(source, key, NearestName.Of(key, RunSpecProperty.All.Select(setting => setting.Key)));
        }
    }
}
