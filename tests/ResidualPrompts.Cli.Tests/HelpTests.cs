using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using ResidualPrompts.Cli.Commands;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Help names every option that the parser knows, and fits the terminal.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> Commands => [.. All().Select(command => command.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_lists_every_option_that_the_parser_knows(string path)
    {
        var command = All().Single(one => one.Path == path);
        var listed = OptionNames().Matches(Help(command, 200)).Select(match => match.Value).ToHashSet();
        string[] known = [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name)];
        known.Should().Contain(["--offline", "--no-prepared-cache", "--compute", "--threads", "--verbose", "--help"]);
        known.Except(listed).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_fits_the_terminal_and_cuts_no_word(string path)
    {
        var command = All().Single(one => one.Path == path);
        var words = Words(Help(command, int.MaxValue));
        foreach (var width in new[] { 60, 61, 72, 80, 100, 132, 200 })
        {
            var help = Help(command, width);
            help.Split('\n').Max(line => line.TrimEnd().Length).Should().BeLessThanOrEqualTo(width, $"{path} at {width}");
            Words(help).Should().Equal(words, $"{path} at {width}");
        }
    }

    [Theory]
    [InlineData(0, 80)] // a terminal that does not know
    [InlineData(20, 60)]
    [InlineData(97, 97)]
    [InlineData(500, 200)]
    public void The_width_is_the_terminals_within_bounds(int columns, int width) => HelpWidth.Of(columns).Should().Be(width);

    private static IEnumerable<Found> All()
    {
        IEnumerable<Found> Below(Command command, string path, Option[] inherited)
        {
            Option[] options = [.. inherited, .. command.Options];
            yield return new Found(path, command, options);
            foreach (var child in command.Subcommands.Where(child => !child.Hidden))
            {
                foreach (var found in Below(child, $"{path} {child.Name}".Trim(), [.. options.Where(option => option.Recursive)]))
                    yield return found;
            }
        }

        return Below(CommandLine.Root(), "", []);
    }

    private static string Help(Found command, int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        if (command.Path == TrainCommand.Name)
        {
            new TrainHelp(command.Command, width, output.WriteLine).Print();
            return output.ToString();
        }

        var root = CommandLine.Root();
        root.Options.OfType<HelpOption>().Single().Action = new HelpAction { MaxWidth = width };
        var parsed = root.Parse([.. command.Path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        parsed.Invoke(new InvocationConfiguration { Output = output }).Should().Be(0);
        return output.ToString();
    }

    /// <summary>The words in any order: columns beside each other are wrapped each for itself.</summary>
    private static string[] Words(string help) => [.. help.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    /// <param name="Path">Its name behind those of its parents.</param>
    /// <param name="Command">The command.</param>
    /// <param name="Options">Its options and those of its parents that it takes too.</param>
    private sealed record Found(string Path, Command Command, Option[] Options);

    [GeneratedRegex("--[a-z][-a-z0-9]*")]
    private static partial Regex OptionNames();
}
