using System.CommandLine;
using ResidualPrompts.Data;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Options;

/// <summary>
/// <c>--split</c>, and a file for each split, which takes the place of the data's own. One file alone says which split is meant.
/// </summary>
internal sealed class SplitOptionSet
{
    private readonly Option<string> _split;
    private readonly (DataSplit Split, Option<string?> Option)[] _files =
    [
        (DataSplit.Train, FileOf(nameof(RunSpec.Train))),
        (DataSplit.Validation, FileOf(nameof(RunSpec.Validation))),
        (DataSplit.Test, FileOf(nameof(RunSpec.TestFile))),
    ];

    /// <param name="description">What --split chooses.</param>
    /// <param name="fallback">The split without it.</param>
    internal SplitOptionSet(string description = "train, validation or test.", DataSplit fallback = DataSplit.Validation)
    {
        _split = new Option<string>("--split") { Description = description, HelpName = "S", DefaultValueFactory = _ => fallback.Name() };
        _split.OnlyFrom([.. Enum.GetValues<DataSplit>().Select(split => split.Name())]);
    }

    internal void AddTo(Command command)
    {
        command.Options.Add(_split);
        foreach (var (_, option) in _files)
            command.Options.Add(option);
    }

    /// <summary>The files that are given.</summary>
    internal IReadOnlyDictionary<DataSplit, string> Files(ParseResult parsed) => _files
        .Select(file => (file.Split, Path: parsed.GetValue(file.Option)))
        .Where(file => file.Path is not null)
        .ToDictionary(file => file.Split, file => file.Path!);

    /// <summary>Whether a split or a file is given.</summary>
    internal bool IsGiven(ParseResult parsed) => IsNamed(parsed) || Files(parsed).Count > 0;

    /// <summary>The split in question: the named one, else the one of the only file, else the default.</summary>
    internal DataSplit Wanted(ParseResult parsed) => !IsNamed(parsed) && Files(parsed) is { Count: 1 } files
        ? files.Keys.First()
        : Named(parsed);

    /// <summary>The named split, else the default, whichever files are given.</summary>
    internal DataSplit Named(ParseResult parsed) => Enum.Parse<DataSplit>(parsed.GetValue(_split)!, ignoreCase: true);

    private bool IsNamed(ParseResult parsed) => parsed.GetResult(_split) is { Implicit: false };

    private static Option<string?> FileOf(string property)
    {
        var setting = SettingHelp.All.First(help => help.Setting.Property.Name == property);
        return new Option<string?>(setting.OptionName) { Description = setting.Text, HelpName = setting.Placeholder };
    }
}
