using System.CommandLine;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Options;

/// <summary>Options for a few settings of a run, for commands that take no others.</summary>
internal sealed class SettingOptionSet
{
    private readonly List<(SettingHelp Help, Option<string?> Option)> _settings;

    /// <param name="keys">The settings; none is a flag.</param>
    /// <param name="prefix">The beginning of each description.</param>
    internal SettingOptionSet(IEnumerable<string> keys, string prefix = "") =>
        _settings = [.. keys.Select(key => SettingHelp.All.First(help => help.Setting.Key == key)).Select(help =>
            (help, new Option<string?>(help.OptionName) { Description = $"{prefix}{help.Text}", HelpName = help.Placeholder }))];

    /// <summary>The options.</summary>
    internal IReadOnlyList<Option> Options => [.. _settings.Select(pair => pair.Option)];

    /// <summary>The option of a setting.</summary>
    internal Option OptionOf(string key) => _settings.Find(pair => pair.Help.Setting.Key == key).Option;

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command)
    {
        foreach (var option in Options)
            command.Options.Add(option);
    }

    /// <summary>The settings that a command line gives, by key.</summary>
    internal JsonObject Values(ParseResult parsed)
    {
        var values = new JsonObject();
        foreach (var (help, option) in _settings.Where(pair => parsed.GetResult(pair.Option) is { Implicit: false }))
            values[help.Setting.Key] = help.Setting.Parse(parsed.GetValue(option) ?? "", help.OptionName);
        return values;
    }
}
