using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>Standard error as a terminal for progress displays; results may go elsewhere.</summary>
internal static class ErrorTerminal
{
    internal const int BarWidth = 14;

    /// <summary>The terminal, or null if standard error is not an interactive terminal.</summary>
    internal static IAnsiConsole? Find()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return Console.IsErrorRedirected || GivenStreams.Current is not null || !console.Profile.Capabilities.Interactive ? null : console;
    }

    /// <summary>
    /// Writes a text above a progress display, which moves down. The display makes room for one line at a time: the second line of a text would stand
    /// in the remains of a bar.
    /// </summary>
    internal static void WriteAbove(this IAnsiConsole console, string text)
    {
        foreach (var line in WrappedText.Lines(text, console.Profile.Width))
            console.WriteLine(line);
    }

    /// <summary>Columns of a progress display: description, bar, percentage and remaining time.</summary>
    internal static Spectre.Console.Progress Bar(this IAnsiConsole console) => console.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(),
            new RemainingTimeColumn());
}
