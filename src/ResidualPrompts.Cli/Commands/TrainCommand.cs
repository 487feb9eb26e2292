using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>train</c>: trains a prompt into a run directory.</summary>
internal static class TrainCommand
{
    internal const string Name = "train";

    internal static Command Create()
    {
        var overwrite = new Option<bool>("--overwrite") { Description = "Start anew when the run directory exists; the earlier run is lost." };
        var resume = new Option<bool>("--resume") { Description = "Go on where the run of this directory stopped; nothing happens when it is finished." };
        var command = new Command(Name, "Train a prompt for a task and a frozen T5.") { overwrite, resume };
        var options = new TrainOptions(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(overwrite) && parsed.GetValue(resume))
                throw new UsageException("--overwrite and --resume exclude each other.");
            var mode = parsed.GetValue(overwrite) ? RunMode.Overwrite : parsed.GetValue(resume) ? RunMode.Resume : RunMode.New;
            return Run(options.Read(parsed), mode);
        });
        return command;
    }

    private static int Run(RunSpec spec, RunMode mode)
    {
        using var stop = new StopSignals();
        var outcome = TrainingProgress.Show(observer => TrainingRun.Train(spec, mode, observer, stop.Token));
        foreach (var note in outcome.Notes)
            Console.Error.WriteLine($"note: {note}");
        RunReport.Print(outcome);
        return outcome.Status == RunStatus.Finished ? ExitCode.Good : ExitCode.Interrupted;
    }
}
