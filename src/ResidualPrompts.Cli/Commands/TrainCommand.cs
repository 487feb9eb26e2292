using System.CommandLine;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>train</c>: trains a prompt into a run directory.</summary>
internal static class TrainCommand
{
    internal const string Name = "train";

    internal static Command Create()
    {
        var overwrite = new Option<bool>("--overwrite") { Description = "Start over if the run directory exists; the earlier run is lost." };
        var resume = new Option<string?>("--resume")
        {
            Description = "Continue the run of this directory, also to another length; RUN: a run, or a study with all of its runs, with the "
                + "settings that it has.",
            HelpName = "RUN",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seeds = new Option<string?>("--seeds")
        {
            Description = "Train once per seed, one after another, into the study SAVE_NAME with a run in each seed-N.",
            HelpName = "N,N,…",
        };
        var plan = new Option<bool>("--plan")
        {
            Description = "Train nothing and write nothing: print what the run would do, with its time and memory from a few measured steps.",
        };
        var json = new Option<bool>("--json") { Description = "With --plan: print one JSON object instead of a table." };
        var command = new Command(Name, "Train a prompt for a task and a frozen T5.") { overwrite, resume, seeds, plan, json };
        var options = new TrainOptions(command);
        command.SetAction(parsed =>
        {
            var resumes = parsed.GetResult(resume) is { Implicit: false };
            if (parsed.GetValue(overwrite) && resumes)
                throw new UsageException($"--overwrite and --resume exclude each other.");
            if (parsed.GetValue(resume) is not null && parsed.GetValue(seeds) is not null)
                throw new UsageException($"--resume with a run or a study and --seeds exclude each other: a study continues with all of its seeds.");
            if (parsed.GetValue(seeds) is not null && options.IsGiven(parsed, "seed"))
                throw new UsageException($"--seed and --seeds exclude each other.");
            if (parsed.GetValue(json) && !parsed.GetValue(plan))
                throw new UsageException($"--json needs --plan, which is not given.");
            if (parsed.GetValue(plan) && resumes)
                throw new UsageException($"--plan and --resume exclude each other: a plan is that of a new run.");
            var mode = parsed.GetValue(overwrite) ? RunMode.Overwrite : resumes ? RunMode.Resume : RunMode.New;
            var ofStudy = parsed.GetValue(resume) is { } continued ? Study.Find(continued, RunException.DamagedState) : null;
            var spec = options.Read(parsed, parsed.GetValue(resume), ofStudy);
            CheckBeforeDownload(spec, parsed.GetValue(seeds), mode, ofStudy, parsed.GetValue(plan));
            if (mode == RunMode.Resume)
                HubAccess.Ensure(parsed, Placed(spec, ofStudy));
            else
                HubAccess.Ensure(parsed, spec, beforeModel: () => RunOpening.Rows(spec, isNew: true));
            using var stop = new StopSignals();
            if (parsed.GetValue(plan))
            {
                var planned = parsed.GetValue(seeds) is { } text ? SeedRuns.Parse(text) : null;
                PlanCommand.Run(spec, planned, mode, parsed.GetValue(json), stop.Token);
                return ExitCode.Good;
            }

            var notes = new RunNotes();
            CompletedRun Train(RunSpec one, StudyTraining? study)
            {
                notes = new RunNotes();
                var run = TrainingProgress.Show(notes, observer =>
                    TrainingRun.Train(one, mode, study?.Sibling, observer with { OnReady = study is null ? null : study.Begin }, stop.Token));
                notes.End(run.Notes, Console.Error.WriteLine);
                RunReport.Print(run, one);
                return run;
            }

            try
            {
                if (ofStudy is not null || parsed.GetValue(seeds) is not null)
                    SeedRuns.Run(spec, parsed.GetValue(seeds) is { } list ? SeedRuns.Parse(list) : null, mode, Train);
                else
                    Train(spec, null);
                return ExitCode.Good;
            }
            catch (RunInterruptedException e)
            {
                notes.End(e.Notes, Console.Error.WriteLine);
                Console.Error.WriteLine(
                    $"Stopped with a checkpoint. To continue, run the same command with --resume. Run directory: {e.Directory?.Path}");
                return ExitCode.Interrupted;
            }
        });
        return command;
    }

    /// <summary>What can be refused without a model or rows is refused before they are downloaded.</summary>
    private static void CheckBeforeDownload(RunSpec spec, string? seeds, RunMode mode, Study? study, bool isPlan)
    {
        var list = seeds is null ? null : SeedRuns.Parse(seeds);
        if (isPlan || (study is null && list is null))
        {
            RunOpening.Check(list is null ? spec : StudyTraining.SpecOf(spec, list[0]), mode);
            return;
        }

        using var training = StudyTraining.Open(spec, list, mode);
        RunOpening.Check(training.Specs[0], mode, training.Sibling);
    }

    /// <summary>The settings of a run that is continued with the places of its files: the hub is not asked for what is on this machine.</summary>
    private static RunSpec Placed(RunSpec spec, Study? study)
    {
        var run = study is null ? spec.Directory : study.Paths.FirstOrDefault(RunDirectory.Is);
        return run is not null && RunDirectory.Is(run)
            ? RunPlaces.Here(RunRecord.Read(new RunDirectory(run), RunException.DamagedState), spec)
            : spec;
    }
}
