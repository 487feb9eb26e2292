using System.Text.RegularExpressions;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>A fenced or indented block of a document.</summary>
/// <param name="Language">What stands behind the fence; empty for an indented block.</param>
/// <param name="Line">The block's first line of content, from 1.</param>
/// <param name="Before">The last line of text above the block.</param>
/// <param name="Lines">The content without its indentation.</param>
internal sealed record Block(string Language, int Line, string Before, string[] Lines);

/// <summary>A Markdown file of the repository: its blocks, and the code inside its text.</summary>
internal sealed partial class Document
{
    private const string Indentation = "    ";

    private Document(string path)
    {
        (Path, Text) = (path, File.ReadAllText(System.IO.Path.Combine(Snapshot.Repository(), path)));
        (Blocks, Spans) = Read(Text.Split('\n'));
        Commands = [.. Blocks.SelectMany(block => ShellCommand.Of(this, block))];
    }

    /// <summary>README and the guides, in the order in which README links to them, which is the order in which they are read.</summary>
    internal static IReadOnlyList<Document> Guides { get; } = ReadGuides();

    /// <summary>The guides, and what else tells how to use the program. Decisions are history and may name what is gone.</summary>
    internal static IReadOnlyList<Document> All { get; } =
    [
        .. Guides,
        .. new[] { "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md" }.Select(path => new Document(path)),
        .. new[] { "docs", "docs/results" }.SelectMany(Files).Select(path => new Document(path)),
    ];

    /// <summary>Path in the repository.</summary>
    internal string Path { get; }

    internal string Text { get; }

    internal IReadOnlyList<Block> Blocks { get; }

    /// <summary>The code between backticks in the text.</summary>
    internal IReadOnlyList<string> Spans { get; }

    internal IReadOnlyList<ShellCommand> Commands { get; }

    internal string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Markdown files of a folder of the repository.</summary>
    internal static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(System.IO.Path.Combine(Snapshot.Repository(), folder), "*.md")
            .Select(file => $"{folder}/{System.IO.Path.GetFileName(file)}").Order(StringComparer.Ordinal);

    /// <summary>Files that the document shows: the line above the block ends with the file's name in backticks and a colon.</summary>
    internal IEnumerable<(string Name, string Content)> ShownFiles() => Blocks
        .Select(block => (Match: ShownFile().Match(block.Before), block.Lines))
        .Where(shown => shown.Match.Success)
        .Select(shown => (shown.Match.Groups[1].Value, string.Join('\n', shown.Lines) + "\n"));

    public override string ToString() => Path;

    private static List<Document> ReadGuides()
    {
        var readme = new Document("README.md");
        return [readme, .. Link().Matches(readme.Text).Select(link => link.Groups[1].Value).Distinct().Select(path => new Document(path))];
    }

    private static (List<Block> Blocks, List<string> Spans) Read(string[] lines)
    {
        var (blocks, text) = (new List<Block>(), new List<string>());
        for (var i = 0; i < lines.Length; i++)
        {
            var before = text.LastOrDefault(line => line.Length > 0) ?? "";
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                var end = Array.FindIndex(lines, i + 1, line => line.StartsWith("```", StringComparison.Ordinal));
                blocks.Add(new Block(lines[i][3..].Trim(), i + 2, before, lines[(i + 1)..end]));
                i = end;
            }
            else if (IsIndented(lines[i]) && (i == 0 || lines[i - 1].Length == 0))
            {
                var end = i;
                for (var next = i; next < lines.Length && (lines[next].Length == 0 || IsIndented(lines[next])); next++)
                    end = lines[next].Length == 0 ? end : next;
                blocks.Add(new Block(
                    "", i + 1, before, [.. lines[i..(end + 1)].Select(line => line.Length == 0 ? line : line[Indentation.Length..])]));
                i = end;
            }
            else
            {
                text.Add(lines[i]);
            }
        }

        return (blocks, [.. Span().Matches(string.Join('\n', text)).Select(match => match.Groups[1].Value.Replace('\n', ' '))]);
    }

    private static bool IsIndented(string line) => line.StartsWith(Indentation, StringComparison.Ordinal);

    [GeneratedRegex(@"\((docs/guides/[a-z-]+\.md)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`([^`\n]+)`:$")]
    private static partial Regex ShownFile();

    [GeneratedRegex(@"`([^`]+)`")]
    private static partial Regex Span();
}
