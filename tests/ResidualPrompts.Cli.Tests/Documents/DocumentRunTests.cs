namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>Alone, because a process has one working folder.</summary>
[CollectionDefinition(nameof(DocumentRunTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>Who follows README and the guides command by command meets no error.</summary>
[Collection(nameof(DocumentRunTests))]
public sealed class DocumentRunTests(DocumentRun run) : IClassFixture<DocumentRun>
{
    private static readonly string[] Labels = ["review", "story"];

    [Fact]
    public void Every_command_and_every_block_of_CSharp_succeeds()
    {
        run.Results.Count.Should().BeGreaterThan(40);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{run.Results.Count(result => !result.IsCSharp)} commands and {run.Results.Count(result => result.IsCSharp)} blocks of C# executed, "
            + $"{run.ListedCommands.Count} commands listed:\n{string.Join('\n', run.ListedCommands)}");
        string.Join('\n', run.Results.Where(result => result.Result.ExitCode != ExitCode.Good)
            .Select(result => $"{result.Place}\n    exit code {result.Result.ExitCode}: {result.Result.Error}")).Should().BeEmpty();
    }

    [Fact]
    public void The_CSharp_of_README_prints_a_label() =>
        run.Results.Where(result => result.IsCSharp && result.Document == "README.md").Select(result => result.Result.Lines[^1])
            .Should().HaveCount(2).And.AllSatisfy(line => line.Should().BeOneOf(Labels));

    [Fact]
    public void At_most_ten_commands_are_not_run_word_for_word() =>
        (CommandTables.NotRun.Length + CommandTables.Replaced.Length).Should().BeLessThanOrEqualTo(10);

    [Fact]
    public void Models_and_data_sets_of_the_hub_are_asked_from_the_hub_of_the_tests() => run.HubRequestCount.Should().BeGreaterThan(10);

    [Fact]
    public void The_tables_name_only_what_the_documents_have()
    {
        var commands = Document.Guides.SelectMany(document => document.Commands).ToList();
        var words = commands.SelectMany(command => command.Arguments).ToHashSet();
        var code = Document.Guides.SelectMany(CSharpExample.Of).Select(example => example.Code).ToList();
        CommandTables.NotRun.Where(row => !commands.Any(command => command.Text.StartsWith(row.Begins, StringComparison.Ordinal))).Should().BeEmpty();
        CommandTables.CSharpNotRun.Where(row => !code.Any(text => text.Contains(row.Contains, StringComparison.Ordinal))).Should().BeEmpty();
        CommandTables.ChangedCode.Where(row => !code.Any(text => text.Contains(row.Code, StringComparison.Ordinal))).Should().BeEmpty();
        CommandTables.Replaced.Where(row => !words.Contains(row.Word)).Should().BeEmpty();
        CommandTables.Added.Where(row => !commands.Any(command => command.Text.StartsWith(row.Begins, StringComparison.Ordinal))).Should().BeEmpty();
        CommandTables.Producers.Keys.Except(commands.Select(command => command.Producer)).Should().BeEmpty();
        CommandTables.Files.Select(row => (row.Document, row.Path)).Concat(CommandTables.Prepared.Select(row => (row.Document, row.Path)))
            .Where(row => !Document.Guides.Single(document => document.Name == row.Document).Text.Contains(First(row.Path), StringComparison.Ordinal))
            .Should().BeEmpty();

        static string First(string path) => path.Split('/')[0];
    }
}
