using System.CommandLine;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>train</c>: trains a prompt into a run directory.</summary>
internal static class TrainCommand
{
    internal const string Name = "train";

    internal static Command Create()
    {
        var overwrite = new Option<bool>("--overwrite") { Description = "Start anew when the run directory exists; the earlier run is lost." };
        var resume = new Option<bool>("--resume") { Description = "Go on where the run of this directory stopped; nothing happens when it is finished." };
        var seeds = new Option<string?>("--seeds") { Description = "Train with each of these seeds, one after another, into SAVE_NAME/seed-N.", HelpName = "N,N,…" };
        var command = new Command(Name, "Train a prompt for a task and a frozen T5.") { overwrite, resume, seeds };
        var options = new TrainOptions(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(overwrite) && parsed.GetValue(resume))
                throw new UsageException("--overwrite and --resume exclude each other.");
            var mode = parsed.GetValue(overwrite) ? RunMode.Overwrite : parsed.GetValue(resume) ? RunMode.Resume : RunMode.New;
            var spec = options.Read(parsed);
            HubAccess.Ensure(parsed, spec);
            using var stop = new StopSignals();
            RunOutcome Train(RunSpec one)
            {
                var outcome = TrainingProgress.Show(observer => TrainingRun.Train(one, mode, observer, stop.Token));
                foreach (var note in outcome.Notes)
                    Console.Error.WriteLine($"note: {note}");
                return outcome;
            }

            return parsed.GetValue(seeds) is { } list ? SeedRuns.Run(spec, SeedRuns.Parse(list), Train) : Report(Train(spec));
        });
        return command;
    }

    private static int Report(RunOutcome outcome)
    {
        RunReport.Print(outcome);
        return outcome.Status == RunStatus.Finished ? ExitCode.Good : ExitCode.Interrupted;
    }
}
