using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Sweeps;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>sweep</c>: many runs from one file.</summary>
internal static class SweepCommand
{
    private static Argument<string> File => new("FILE") { Description = "The sweep file: settings, axes, seeds and groups (docs/guides/sweeps.md)." };

    internal static Command Create() => new("sweep", "Many runs from one file: plan them, and clean up what the file no longer names.")
    {
        Plan(), Clean(), Schema(),
    };

    private static Command Plan()
    {
        var file = File;
        var json = new Option<bool>("--json") { Description = "Print one JSON object per run, and one with the sums." };
        var command = new Command("plan", "Check the file, and print its runs by state. Nothing is written.") { file, json };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            var plan = SweepPlan.Of(parsed.GetValue(file)!);
            foreach (var note in plan.Notes)
                Console.Error.WriteLine($"note: {note}");
            foreach (var missing in plan.Missing)
                Console.Error.WriteLine($"missing: {missing}");
            if (parsed.GetValue(json))
                SweepPlanJson.Print(plan);
            else
                SweepPlanTable.Print(plan);
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
