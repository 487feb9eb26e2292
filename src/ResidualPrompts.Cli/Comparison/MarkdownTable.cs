namespace ResidualPrompts.Cli.Comparison;

/// <summary>Prints a table in Markdown; the first row is its header.</summary>
internal static class MarkdownTable
{
    internal static void Print(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        static string Line(IEnumerable<string> cells) =>
            $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", @"\|", StringComparison.Ordinal)))} |";
        Console.WriteLine(Line(rows[0]));
        Console.WriteLine(Line(rows[0].Select(_ => "---")));
        foreach (var row in rows.Skip(1))
            Console.WriteLine(Line(row));
    }
}
