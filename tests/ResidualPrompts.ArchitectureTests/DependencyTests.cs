namespace ResidualPrompts.ArchitectureTests;

/// <summary>Who knows whom.</summary>
public sealed class DependencyTests
{
    private static readonly FolderArrows Arrows = new([.. Libraries.All.Select(library => library.Location)]);

    [Fact]
    public void Folders_use_those_that_they_may_and_every_arrow_of_the_list_is_used() =>
        new FolderRules(AllowedArrows.Text).Violations(Arrows.Used).Should().BeEmpty(
        "the list of AllowedArrows.cs is kept by hand; the arrows of the code are:\n{0}",
        string.Concat(Arrows.Used.Select(folder => $"{folder.Key} → {string.Join(", ", folder.Value)}".TrimEnd() + "\n")));

    [Fact]
    public void No_folders_know_each_other_in_a_circle() => FolderRules.Cycles(Arrows.Used).Should().BeEquivalentTo(AllowedArrows.Cycles);

    [Theory]
    [InlineData("Data")]
    [InlineData("Tasks")]
    [InlineData("Evaluation")]
    [InlineData("Tokenization")]
    [InlineData("Hub")]
    public void Text_is_read_without_tensors(string folder) =>
        Arrows.TensorUsers.Should().NotContain(user => user == folder || user.StartsWith(folder + ".", StringComparison.Ordinal));

    [Theory]
    [InlineData("Native")]
    [InlineData("Prompts")]
    [InlineData("Randomness")]
    public void The_bottom_uses_nothing_of_ours(string folder) => Arrows.Used[folder].Should().BeEmpty();

    [Fact]
    public void The_libraries_know_neither_a_command_line_nor_a_web_server()
    {
        var references = Libraries.All.SelectMany(library => library.GetReferencedAssemblies()).Select(name => name.Name!);
        references.Should().NotContain(name =>
            name.StartsWith("Microsoft.AspNetCore") || name.StartsWith("Spectre") || name.StartsWith("System.CommandLine")
                || name == "System.Console");
    }

    [Fact]
    public void Using_a_prompt_needs_no_reader_of_tables_no_zip_no_network_policy_and_no_drawing() =>
        typeof(InputException).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Should().NotContain(name =>
            name == "CsvHelper" || name == "Parquet" || name.Contains("Zip") || name.StartsWith("Microsoft.Extensions") || name.StartsWith("Polly")
            || name.StartsWith("SkiaSharp") || name == "ResidualPrompts.Training");

    [Fact]
    public void The_server_knows_no_command_line()
    {
        var references = typeof(Server.PromptServer).Assembly.GetReferencedAssemblies().Select(name => name.Name!);
        references.Should().NotContain(name => name.StartsWith("Spectre") || name.StartsWith("System.CommandLine") || name == "residual-prompts"
            || name == "System.Console");
    }
}
