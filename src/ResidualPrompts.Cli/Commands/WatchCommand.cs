using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Events;
using Spectre.Console;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>watch</c>: shows a running or finished run from its files alone.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "A run directory." };
        var command = new Command("watch",
            "Show a running or finished run from its files. A terminal is updated every second; into a pipe the state is printed once.")
        {
            run,
        };
        command.SetAction(parsed => Watch(parsed.GetValue(run)!));
        return command;
    }

    private static int Watch(string run)
    {
        StandardOutput.Require();
        var events = new EventReader(run);
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (StandardOutput.IsRedirected || !console.Profile.Capabilities.Interactive)
        {
            TextTable.Print(Look(run, events, console));
            return ExitCode.Good;
        }

        using var stop = new StopSignals();
        var isOver = false;
        console.Live(Look(run, events, console)).Start(live =>
        {
            while (!stop.Token.IsCancellationRequested && !isOver)
            {
                // read before the last refresh, so that the refresh shows the final state
                isOver = RunSummary.Read(run).Status is not RunStatus.Running;
                live.UpdateTarget(Look(run, events, console));
                stop.Token.WaitHandle.WaitOne(isOver ? TimeSpan.Zero : Interval);
            }
        });
        return isOver ? ExitCode.Good : ExitCode.Interrupted;
    }

    private static Rows Look(string run, EventReader events, IAnsiConsole console)
    {
        events.Update();
        return RunView.Of(RunSummary.Read(run), events.Events, console.Profile.Width);
    }
}
