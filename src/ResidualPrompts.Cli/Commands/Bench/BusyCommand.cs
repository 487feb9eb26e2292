using System.CommandLine;
using System.Diagnostics;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench busy</c>: keeps one core busy; the second process of <c>bench contention</c>.</summary>
internal static class BusyCommand
{
    internal const string Name = "busy";

    internal static Command Create()
    {
        var seconds = BenchOptions.Number("--seconds", 10, "Duration.", "SECONDS");
        var command = new Command(Name, "Keep one core busy.") { seconds };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var end = Stopwatch.StartNew();
            while (end.Elapsed.TotalSeconds < parsed.GetValue(seconds))
                Thread.SpinWait(1 << 16);
        });
        return command;
    }
}
