using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Sweeps;

/// <summary>Settings of a run as one text, by which runs of a sweep are put together.</summary>
internal static class SettingKey
{
    /// <summary>All settings but the seeds, the place and some others.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="without">Further settings to leave out.</param>
    internal static string Of(RunSpec spec, params IReadOnlyList<string> without) => Text(spec, key => !without.Contains(key));

    /// <summary>Some settings, without seeds and place.</summary>
    internal static string Only(RunSpec spec, params IReadOnlyList<string>[] keys) => Text(spec, key => keys.Any(some => some.Contains(key)));

    private static string Text(RunSpec spec, Func<string, bool> counts) => new JsonObject(
        RunSpecJson.Write(spec).Where(pair => !RunGroup.Pooled.Contains(pair.Key) && counts(pair.Key))
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
