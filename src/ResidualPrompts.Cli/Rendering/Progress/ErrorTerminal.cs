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

    /// <summary>Columns of a progress display: description, bar, percentage and remaining time.</summary>
    internal static Spectre.Console.Progress Bar(this IAnsiConsole console) => console.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(),
            new RemainingTimeColumn());
}
