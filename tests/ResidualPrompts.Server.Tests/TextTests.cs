using System.Text.RegularExpressions;

namespace ResidualPrompts.Server.Tests;

/// <summary>What the guide shows, and what messages may say.</summary>
public sealed partial class TextTests
{
    private static readonly string Root = Snapshot.Repository();

    [Fact]
    public void The_code_of_the_guide_is_that_of_the_sample()
    {
        var guide = File.ReadAllText(Path.Combine(Root, "docs", "guides", "serve.md")).Split("\n## ")
            .Single(section => section.StartsWith("Inside your own application", StringComparison.Ordinal));
        var shown = CodeBlock().Match(guide).Groups[1].Value.Trim();
        shown.Should().Contain("AddPromptServing").And.Contain("MapPromptServing");
        File.ReadAllText(Path.Combine(Root, "samples", "04-inside-your-app", "Program.cs")).Should().Contain(shown);
    }

    [Fact]
    public void The_server_names_no_option_of_a_command_line()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Root, "src", "ResidualPrompts.Server"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/")).ToArray();
        files.Should().NotBeEmpty();
        files.Where(file => Option().IsMatch(File.ReadAllText(file))).Should().BeEmpty();
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("(?<![-\\w)\\]])--[a-z]{2,}")]
    private static partial Regex Option();
}
