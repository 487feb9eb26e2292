using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Studies;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>watch</c>: shows a running or finished run from its files alone.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "A run directory or a study." };
        var command = new Command("watch",
            "Show a running or finished run from its files. A terminal is updated every second; into a pipe the state is printed once.")
        {
            run,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(run)!;
            if (Study.Find(path) is { } found)
                return Watch(() => StudyView.Of(Study.Find(path) ?? found), () => StudyView.IsOver(Study.Find(path) ?? found));
            var events = new EventReader(path);
            var console = AnsiConsole.Create(new AnsiConsoleSettings());
            return Watch(() => Look(path, events, console), () => RunSummary.Read(path).Status is not RunStatus.Running);
        });
        return command;
    }

    private static int Watch(Func<IRenderable> look, Func<bool> hasEnded)
    {
        StandardOutput.Require();
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (StandardOutput.IsRedirected || !console.Profile.Capabilities.Interactive)
        {
            TextTable.Print(look());
            return ExitCode.Good;
        }

        using var stop = new StopSignals();
        var isOver = false;
        console.Live(look()).Start(live =>
        {
            while (!stop.Token.IsCancellationRequested && !isOver)
            {
                // read before the last refresh, so that the refresh shows the final state
                isOver = hasEnded();
                live.UpdateTarget(look());
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
