using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.OriginalCommand;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Options;

/// <summary>
/// The options of <c>train</c>: one per setting of a run, and the hidden flags of the original command. Named options override the
/// configuration file, which overrides the defaults.
/// </summary>
internal sealed class TrainOptions
{
    /// <summary>Where a run lies, which no option changes when it is continued.</summary>
    private static readonly string[] Place = ["save_dir", "save_name"];

    /// <summary>What tells the runs of a study apart.</summary>
    private static readonly string[] Seeds = ["seed", "few_shot_seed", "split_seed"];

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
    /// <param name="run">A run directory or study whose settings are the defaults; null = none.</param>
    /// <param name="study">The study, if it is one.</param>
    internal RunSpec Read(ParseResult parsed, string? run = null, Study? study = null)
    {
        if (run is not null && parsed.GetValue(_config) is not null)
            throw new UsageException($"--resume with a run and --config exclude each other: the run brings its settings.");
        var splitsBySeed = false;
        var values = study is not null ? study.Settings.DeepClone().AsObject()
            : run is not null ? RunSummary.Read(run).Settings
            : parsed.GetValue(_config) is { } file ? RunSpecJson.ReadFile(file, out splitsBySeed) : [];
        if (run is not null)
            Locate(values, run, isStudy: study is not null);
        var givenBy = new Dictionary<string, string>();
        void Give(string key, JsonNode? value, string option)
        {
            if (run is not null && (study is null ? Place : [.. Place, .. Seeds]).Contains(key))
                throw new UsageException($"{option} has no place beside --resume with a {(study is null ? "run" : "study")}, which has its own.");
            if (!givenBy.TryAdd(key, option))
                throw new UsageException($"{givenBy[key]} and {option} set the same thing; give one of them.");
            values[key] = value;
        }

        foreach (var (help, option) in _settings.Where(pair =>
            IsGiven(parsed, pair.Option) && _originals.TrueForAll(original => original.Option != pair.Option)))
        {
            if (help.Setting.IsFlag)
                Give(help.Setting.Key, help.Setting.FlagValue(), help.OptionName);
            else if (help.NumberIn(Text(parsed, option)) is { } text && ((help.Unit is null && !IsShared(option)) || long.TryParse(text, out _)))
                Give(help.Setting.Key, help.Setting.Parse(text, help.OptionName), help.OptionName);
            else if (_settings.Exists(other => other.Option == option && other.Help != help && other.Help.NumberIn(Text(parsed, option)) is not null))
                values.Remove(help.Setting.Key); // in another unit
            else
            {
                throw new UsageException(
                    $"{help.OptionName} is {ShownText.Value(Text(parsed, option))}, expected a number of "
                        + $"{(IsShared(option) ? $"epochs, such as 2, or of {UnitOf(option)}" : help.Unit)}, such as 200{UnitOf(option)}.");
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
        var spec = RunSpecJson.Read(values, parsed.GetValue(_config) ?? "options");
        if (!splitsBySeed || givenBy.ContainsKey("split_seed"))
            return spec;
        Console.Error.WriteLine($"note: {parsed.GetValue(_config)} is of an earlier version: rows are held out by the seed, as in that run. "
            + "To hold them out by a seed of their own, give --split-seed.");
        return spec with { SplitsBySeed = true };
    }

    /// <summary>The place of a run is where it lies, which its record may name from another working directory.</summary>
    private static void Locate(JsonObject values, string run, bool isStudy)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(run));
        if (isStudy && Path.TrimEndingDirectorySeparator(run) is var given && Path.GetFileName(given) is { Length: > 0 } and not ("." or ".."))
        {
            values["save_dir"] = Path.GetDirectoryName(given) is { Length: > 0 } parent ? parent : ".";
            values["save_name"] = Path.GetFileName(given);
            return;
        }

        if (!isStudy && Path.GetFullPath(RunSpecJson.Read(values, run).Directory) == path)
            return;
        (values["save_dir"], values["save_name"]) = (Path.GetDirectoryName(path), Path.GetFileName(path));
    }

    /// <summary>Our own option of the same name, or null. The flag translates its values, both the original's and our own.</summary>
    private Option<string?>? Ours(OriginalFlag flag) => (Option<string?>?)_settings.Find(pair => pair.Option.Name == flag.Name).Option;

    /// <summary>Whether an option counts epochs or, with a unit, something else.</summary>
    private bool IsShared(Option option) => _settings.Count(pair => pair.Option == option) > 1;

    private string? UnitOf(Option option) => _settings.Select(pair => (pair.Option, pair.Help.Unit)).First(pair => pair.Option == option
        && pair.Unit is not null).Unit;

    /// <summary>Whether the command line sets something by an option of its own.</summary>
    internal bool IsGiven(ParseResult parsed, string key) => _settings.Exists(pair => pair.Help.Setting.Key == key && IsGiven(parsed, pair.Option));

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string Text(ParseResult parsed, Option option) => parsed.GetValue((Option<string?>)option) ?? "";

    private static Option OptionOf(SettingHelp help) => help.Setting.IsFlag
        ? new Option<bool>(help.OptionName) { Description = help.Text }
        : new Option<string?>(help.OptionName) { Description = help.Text, HelpName = help.Placeholder };
}
