using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Sweeps.Running;

/// <summary>
/// A process that trains one run of a sweep. The first line of its input has the settings. Its input stays open as long as its parent lives: when it
/// ends, the run stops at its next step, or after four seconds where it is, from which it continues all the same.
/// </summary>
internal static class SweepChild
{
    /// <summary>The hidden command.</summary>
    internal const string Name = "train-one";

    /// <summary>The line that asks for a stop in order, however long it takes.</summary>
    internal const string StopLine = "stop";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    internal static Command Create()
    {
        var command = new Command(Name, "Train one run of a sweep, whose settings are the first line of standard input.") { Hidden = true };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        using var stop = new StopSignals();
        var input = new StreamReader(StandardInput.Open());
        var line = input.ReadLine() ?? throw new UsageException($"{Name} is started by 'sweep run' alone.");
        var spec = RunSpecJson.ReadRecord(JsonNode.Parse(line, null, JsonFormats.Strict)!.AsObject(), "spec");
        new Thread(() => Watch(input)) { IsBackground = true, Name = "parent" }.Start();
        try
        {
            HubAccess.Ensure(parsed, spec);
            var notes = new RunNotes();
            using var run = TrainingProgress.Show(notes, observer => TrainingRun.Train(spec, RunMode.Resume, observer, stop.Token));
            notes.End(run.Notes, Console.Error.WriteLine);
            return ExitCode.Good;
        }
        catch (RunException e) when (e.IsHeld)
        {
            Console.Error.WriteLine($"note: {ShownText.Message(e.Message)} Nothing is left to do here.");
            return ExitCode.Good;
        }
        catch (RunInterruptedException)
        {
            return ExitCode.Interrupted;
        }
    }

    private static void Watch(StreamReader input)
    {
        var inOrder = false;
        try
        {
            while (input.ReadLine() is { } line)
            {
                if (line != StopLine)
                    continue;
                inOrder = true;
                StopSignals.Stop();
            }
        }
        catch (IOException)
        {
            // As its end.
        }

        if (inOrder)
            return;
        StopSignals.Stop();
        Thread.Sleep(Grace);
        ProcessEnd.Now(ExitCode.Interrupted, "The process that started this run is gone.");
    }
}
