using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Standard error as a terminal, where progress is drawn while results may go elsewhere.</summary>
internal static class ErrorTerminal
{
    internal const int BarWidth = 14;

    /// <summary>The terminal; null where standard error is none that can draw.</summary>
    internal static IAnsiConsole? Find()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return Console.IsErrorRedirected || GivenStreams.Current is not null || !console.Profile.Capabilities.Interactive ? null : console;
    }

    /// <summary>A description, a bar, its percentage and the time that remains.</summary>
    internal static Progress Bar(this IAnsiConsole console) => console.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(), new RemainingTimeColumn());
}
