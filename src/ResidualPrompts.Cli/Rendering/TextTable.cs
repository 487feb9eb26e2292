using Spectre.Console;
using Spectre.Console.Rendering;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints a table to standard output; the first row and the first column are headings.</summary>
internal static class TextTable
{
    private const int NoWidth = 4096; // a pipe has no width, so nothing is wrapped

    internal static void Print(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var heading in rows[0])
            table.AddColumn(new TableColumn(Markup.Escape(heading)) { NoWrap = StandardOutput.IsRedirected });
        foreach (var row in rows.Skip(1))
            table.AddRow([.. row.Select(Markup.Escape)]);
        Print(table);
    }

    /// <summary>Columns of the terminal; a pipe takes any width.</summary>
    internal static int Width => StandardOutput.IsRedirected ? NoWidth : AnsiConsole.Create(new AnsiConsoleSettings()).Profile.Width;

    /// <summary>Prints a Spectre.Console renderable, without wrapping in a pipe.</summary>
    internal static void Print(IRenderable drawing)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (StandardOutput.IsRedirected)
            console.Profile.Width = NoWidth;
        console.Write(drawing);
    }
}
