using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.OriginalCommand;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Options;

/// <summary>
/// The options of <c>train</c>: one per setting of a run, and the hidden flags of the original command. Named options override the
/// configuration file, which overrides the defaults.
/// </summary>
internal sealed class TrainOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = "JSON file of settings with the keys of run.json; named options override it.",
        HelpName = "FILE",
    };
    private readonly List<(SettingHelp Help, Option Option)> _settings;
    private readonly List<(OriginalFlag Flag, Option<string?> Option)> _originals;

    internal TrainOptions(Command command)
    {
        var options = SettingHelp.All.DistinctBy(help => help.OptionName).ToDictionary(help => help.OptionName, OptionOf);
        _settings = [.. SettingHelp.All.Select(help => (help, options[help.OptionName]))];
        _originals = [.. OriginalFlags.All.Select(flag => (flag, Ours(flag) ?? new Option<string?>(flag.Name) { Hidden = true }))];
        foreach (var option in _settings.Select(pair => pair.Option).Union(_originals.Select(pair => pair.Option)).Append(_config))
            command.Options.Add(option);
    }

    /// <summary>The settings that a command line specifies.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">A run directory whose settings are the defaults; null = none.</param>
    internal RunSpec Read(ParseResult parsed, string? run = null)
    {
        if (run is not null && parsed.GetValue(_config) is not null)
            throw new UsageException($"--resume with a run and --config exclude each other: the run brings its settings.");
        var values = run is not null ? RunSummary.Read(run).Settings
            : parsed.GetValue(_config) is { } file ? RunSpecJson.ReadFile(file) : [];
        if (run is not null)
            Place(values, run);
        var givenBy = new Dictionary<string, string>();
        void Give(string key, JsonNode? value, string option)
        {
            if (!givenBy.TryAdd(key, option))
                throw new UsageException($"{givenBy[key]} and {option} set the same thing; give one of them.");
            values[key] = value;
        }

        foreach (var (help, option) in _settings.Where(pair =>
            IsGiven(parsed, pair.Option) && _originals.TrueForAll(original => original.Option != pair.Option)))
        {
            if (help.Setting.IsFlag)
                Give(help.Setting.Key, help.Setting.FlagValue(), help.OptionName);
            else if (help.NumberIn(Text(parsed, option)) is { } text)
                Give(help.Setting.Key, help.Setting.Parse(text, help.OptionName), help.OptionName);
            else if (_settings.Exists(other => other.Option == option && other.Help.NumberIn(Text(parsed, option)) is not null))
                values.Remove(help.Setting.Key); // in another unit
            else
            {
                throw new UsageException(
                    $"{help.OptionName} is {ShownText.Value(Text(parsed, option))}, expected a number of {help.Unit}: 200{help.Unit}.");
            }
        }
        foreach (var (flag, option) in _originals.Where(pair => IsGiven(parsed, pair.Option)))
        {
            var text = Text(parsed, option);
            var translation = flag.Translate(text) ?? throw new UsageException($"{flag.Name} is {ShownText.Value(text)}, expected {flag.Expected}.");
            foreach (var (key, value) in translation.Settings)
                Give(key, value, flag.Name);
        }

        // A length in one unit replaces the run's own in the other.
        if (run is not null && givenBy.ContainsKey("epochs") != givenBy.ContainsKey("max_steps"))
            values.Remove(givenBy.ContainsKey("epochs") ? "max_steps" : "epochs");
        return RunSpecJson.Read(values, parsed.GetValue(_config) ?? "options");
    }

    /// <summary>The place of a run is where it lies, which its record may name from another working directory.</summary>
    private static void Place(JsonObject values, string run)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(run));
        if (Path.GetFullPath(RunSpecJson.Read(values, run).Directory) == path)
            return;
        (values["save_dir"], values["save_name"]) = (Path.GetDirectoryName(path), Path.GetFileName(path));
    }

    /// <summary>Our own option of the same name, or null. The flag translates its values, both the original's and our own.</summary>
    private Option<string?>? Ours(OriginalFlag flag) => (Option<string?>?)_settings.Find(pair => pair.Option.Name == flag.Name).Option;

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string Text(ParseResult parsed, Option option) => parsed.GetValue((Option<string?>)option) ?? "";

    private static Option OptionOf(SettingHelp help) => help.Setting.IsFlag
        ? new Option<bool>(help.OptionName) { Description = help.Text }
        : new Option<string?>(help.OptionName) { Description = help.Text, HelpName = help.Placeholder };
}
