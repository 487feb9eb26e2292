using System.CommandLine;
using System.Text.RegularExpressions;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>No document names a command, an option, a script or a member that does not exist.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void README_links_to_every_guide() =>
        Document.Guides.Skip(1).Select(guide => guide.Path).Order(StringComparer.Ordinal).Should().Equal(Document.Files("docs/guides"));

    [Fact]
    public void Every_command_parses()
    {
        var commands = Document.All.SelectMany(document => document.Commands
            .Concat(document.Spans.Select(span => ShellCommand.OfSpan(document, span)).OfType<ShellCommand>()))
            .Where(command => command.IsOurs).ToList();
        commands.Count.Should().BeGreaterThan(60);
        Tell($"{commands.Count} commands parsed, {commands.Count(command => !command.IsMention)} of them in blocks");
        string.Join('\n', commands.Select(Problem).OfType<string>()).Should().BeEmpty();
    }

    [Fact]
    public void Every_option_in_a_text_exists()
    {
        var known = Options(CommandLine.Root()).Concat(CommandTables.OptionsOfOthers.Keys).ToHashSet();
        var named = Document.All.SelectMany(document => document.Spans.SelectMany(span => OptionPattern().Matches(span))
            .Select(match => (document.Path, Option: match.Value))).ToList();
        named.Count.Should().BeGreaterThan(150);
        string.Join('\n', named.Where(name => !known.Contains(name.Option)).Distinct()).Should().BeEmpty();
        CommandTables.OptionsOfOthers.Keys.Except(named.Select(name => name.Option)).Should().BeEmpty();
    }

    [Fact]
    public void Every_script_that_is_named_exists()
    {
        var named = Document.All.SelectMany(document => document.Spans.Concat(document.Commands.Select(command => command.Program))
            .Select(text => (document.Path, Script: ScriptPattern().Match(text).Value))).Where(name => name.Script.Length > 0).ToList();
        named.Count.Should().BeGreaterThan(5);
        string.Join('\n', named.Where(name => !Path.Exists(Path.Combine(Snapshot.Repository(), name.Script)))).Should().BeEmpty();
    }

    [Fact]
    public void Every_block_of_CSharp_compiles()
    {
        var blocks = Document.All.SelectMany(CSharpExample.Of).ToList();
        blocks.Count.Should().BeGreaterThan(5);
        Tell($"{blocks.Count} blocks compiled");
        string.Join('\n', blocks.SelectMany(block => block.Problems())).Should().BeEmpty();
    }

    [Fact]
    public void Every_example_in_the_documentation_of_the_libraries_compiles()
    {
        var examples = CSharpExample.OfLibraries().ToList();
        examples.Count.Should().BeGreaterThan(8);
        Tell($"{examples.Count} examples compiled");
        string.Join('\n', examples.SelectMany(example => example.Problems())).Should().BeEmpty();
    }

    [Theory]
    [InlineData("residual-prompts trian --task subj", "*Unknown command 'trian'*")]
    [InlineData("residual-prompts train --tasks subj", "*--tasks*")]
    [InlineData("residual-prompts predict runs/first --reume", "*--reume*")]
    [InlineData("residual-prompts demo --task wsc", "*wsc*")]
    public void A_command_that_the_program_refuses_does_not_parse(string line, string problem) =>
        Problem(ShellCommand.OfSpan(Document.Guides[0], line)!).Should().Match(problem);

    [Theory]
    [InlineData("PromptClassifier.Opne(\"runs/first\");")]
    [InlineData("var answer = PromptClassifier.Open(\"runs/first\").Predict(\"a\").Lable;")]
    public void CSharp_that_the_libraries_do_not_have_does_not_compile(string code) =>
        new CSharpExample("here", code).Problems().Should().NotBeEmpty();

    [Fact]
    public void A_line_is_split_as_a_shell_splits_it()
    {
        ShellCommand.Split("train --template \"review: {body}\" '' --x 'a # b' a#b < in.txt   # comment").Should()
            .Equal("train", "--template", "review: {body}", "", "--x", "a # b", "a#b", "<", "in.txt");
        ShellCommand.Split("# only a comment").Should().BeEmpty();
        ShellCommand.Split("source <(residual-prompts completion bash)").Should()
            .Equal("source", "<", "(", "residual-prompts", "completion", "bash", ")");
    }

    private static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private static string? Problem(ShellCommand command)
    {
        try
        {
            var parsed = CommandLine.Parse(command.Arguments);
            var isShort = parsed.Errors.Count > 0
                && parsed.Errors.All(error => error.Message.EndsWith("is required.", StringComparison.Ordinal));
            if (!(command.IsMention && isShort))
                CommandLine.Check(parsed);
            // A command that takes texts takes an unknown option as one.
            return parsed.CommandResult.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } unknown
                ? $"{command.Place}: {unknown.Value} is taken as a text" : null;
        }
        catch (UsageException e)
        {
            return $"{command.Place}: {e.Message}";
        }
    }

    private static IEnumerable<string> Options(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Append(option.Name)).Concat(command.Subcommands.SelectMany(Options));

    [GeneratedRegex("(?<![-A-Za-z0-9_])--[A-Za-z][-A-Za-z0-9_]*")]
    private static partial Regex OptionPattern();

    [GeneratedRegex("(?<=^| )eng/[-A-Za-z0-9.]+")]
    private static partial Regex ScriptPattern();
}
