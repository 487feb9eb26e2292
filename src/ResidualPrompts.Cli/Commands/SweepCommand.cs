using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Sweeps;
using ResidualPrompts.Cli.Sweeps.Running;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Sweeps.Rungs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>sweep</c>: many runs from one file.</summary>
internal static class SweepCommand
{
    private static Argument<string> File => new("FILE") { Description = "The sweep file: settings, axes, seeds and groups (docs/guides/sweeps.md)." };

    internal static Command Create() => new(
        "sweep", "Many runs from one file: plan them, train them, see how far they are, and clean up what the file no longer names.")
    {
        Plan(), Run(), Status(), Retry(), Finish(), Clean(), Schema(), SweepChild.Create(),
    };

    private static Command Plan()
    {
        var file = File;
        var json = new Option<bool>("--json") { Description = "Print one JSON object per run, and one with the sums." };
        var quick = new Option<bool>("--quick")
        {
            Description = "Do not estimate time, disk and memory, for which a few steps of each kind of run are measured.",
        };
        var command = new Command(
            "plan", "Check the file, and print its runs by state, with the time, disk and memory of what is left. Nothing is written.")
        {
            file, json, quick,
        };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            var plan = SweepPlan.Of(parsed.GetValue(file)!);
            foreach (var note in plan.Notes)
                Console.Error.WriteLine($"note: {note}");
            foreach (var missing in plan.Missing)
                Console.Error.WriteLine($"missing: {missing}");
            using var stop = new StopSignals();
            var cost = parsed.GetValue(quick) ? null : SweepCost.Measure(plan, Console.Error.WriteLine, stop.Token);
            if (parsed.GetValue(json))
                SweepPlanJson.Print(plan, cost);
            else
                SweepPlanTable.Print(plan, cost);
        });
        return command;
    }

    private static Command Run() => Training(
        "run", "Train every run that is not finished, each in a process of its own. Start it again to continue.", retries: false);

    private static Command Retry() => Training("retry", "Train the runs that failed once more, from their checkpoints.", retries: true);

    private static Command Training(string name, string description, bool retries)
    {
        var file = File;
        var jobs = new Option<int?>("--jobs")
        {
            Description = "Train so many runs at once. Default: as many as the cores allow; memory may allow fewer.",
            HelpName = "N",
        };
        var rungs = new Option<string?>("--rungs")
        {
            Description = "Rungs of halving instead of the file's, such as 2,6,18,54: the best of the last ones are trained on.",
            HelpName = "RUNGS",
        };
        var command = new Command(name, description) { file, jobs, rungs };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(jobs) is < 1)
                throw new UsageException($"--jobs is {parsed.GetValue(jobs)}, expected at least 1.");
            var given = parsed.GetValue(rungs);
            var other = given is null ? null : Rung.ParseList(given)
                ?? throw new UsageException($"--rungs is '{ShownText.Value(given)}', expected growing budgets such as 2,6,18 or 200steps,600steps.");
            using var stop = new StopSignals();
            return SweepProgress.During(progress =>
                new SweepEngine(parsed.GetValue(file)!, other, parsed.GetValue(jobs), retries, progress, stop.Token).Run());
        });
        return command;
    }

    private static Command Status()
    {
        var file = File;
        var json = new Option<bool>("--json") { Description = "Print one JSON object per run." };
        var command = new Command("status", "Print how far the runs in the sweep's folder are. It reads little and disturbs nobody.") { file, json };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            SweepStatus.Print(SweepFile.Read(parsed.GetValue(file)!), parsed.GetValue(json));
        });
        return command;
    }

    private static Command Finish()
    {
        var file = File;
        var command = new Command(
            "finish", "Delete the checkpoints of runs that halving has stopped. Their prompts and results stay; they cannot be promoted any more.")
        {
            file,
        };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            SweepFinishing.Run(SweepPlan.Of(parsed.GetValue(file)!));
        });
        return command;
    }

    private static Command Clean()
    {
        var file = File;
        var yes = new Option<bool>("--yes") { Description = "Delete without asking." };
        var command = new Command("clean", "Delete runs in the sweep's folder that the file no longer names, after showing them.") { file, yes };
        command.SetAction(parsed =>
        {
            var plan = SweepPlan.Of(parsed.GetValue(file)!);
            return SweepCleaning.Run(plan, parsed.GetValue(yes));
        });
        return command;
    }

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON schema of sweep files, with which editors complete and check them.");
        command.SetAction(_ =>
        {
            StandardOutput.Require();
            Console.Out.Write(SweepSchema.Text);
        });
        return command;
    }
}
