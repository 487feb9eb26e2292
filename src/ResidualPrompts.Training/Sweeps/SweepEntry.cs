using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps;

/// <summary>The settings of one run as a sweep file gives them: base, a point of the grid or an item of the list, and a seed.</summary>
/// <param name="Settings">The settings that are given, by key; a later part of the file has replaced an earlier one.</param>
/// <param name="Place">What to name where no setting is to blame: the item of the list, the axes, or the group.</param>
internal sealed record SweepEntry(IReadOnlyDictionary<string, SweepSetting> Settings, PlacedJson Place)
{
    /// <summary>The settings of the run, with the defaults of what is not given; without its place on the disk.</summary>
    internal RunSpec ToSpec()
    {
        var spec = new RunSpec();
        foreach (var setting in Settings.Values)
            setting.ApplyTo(spec);
        return spec;
    }

    /// <summary>A problem with a setting, where it stands; where it is not given, the problem of the entry.</summary>
    internal SweepProblem Problem(string key, string message) => Settings.TryGetValue(key, out var setting)
        ? setting.Place.Problem(message)
        : Place.Problem($"{key} {message}");

    /// <summary>The same entry with other values of some settings.</summary>
    internal SweepEntry With(params IEnumerable<SweepSetting> settings)
    {
        var all = new Dictionary<string, SweepSetting>(Settings);
        foreach (var setting in settings)
            all[setting.Property.Key] = setting;
        return this with { Settings = all };
    }
}
