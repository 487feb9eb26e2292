using System.CommandLine;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Predictions;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>evaluate</c>: metrics of a finished run on one split.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The run directory." };
        var splits = new SplitOptionSet();
        var task = new Option<string?>("--task")
        {
            Description = "Evaluate this task instead; it must have the same label words, such as ax-b for a prompt trained on rte_superglue.",
            HelpName = "NAME|FILE",
        };
        var data = new Option<string?>("--data")
        {
            Description = "Evaluate this folder of splits or this file instead of the run's own data.",
            HelpName = "DIR|FILE",
        };
        var allowMismatch = SharedOptions.AllowMismatch();
        var int8 = Int8Option.Create();
        var command = new Command("evaluate",
            "Evaluate a run's released prompt or model on a split: {\"n\", \"invalid\", \"metrics\", \"undefined\"}, and \"int8\" with --int8.")
        {
            run, task, data, allowMismatch, int8,
        };
        splits.AddTo(command);
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            var usesInt8 = Int8Option.Checked(parsed.GetValue(int8));
            var (other, otherData, files) = (parsed.GetValue(task), parsed.GetValue(data), splits.Files(parsed));
            HubAccess.EnsureRun(parsed, parsed.GetValue(run)!, other, otherData, needsData: otherData is not null || files.Count == 0);
            using var trained = TrainedRun.Open(parsed.GetValue(run)!, parsed.GetValue(allowMismatch),
                BackboneOptions.Default with { Int8 = usesInt8 });
            SharedOptions.Warn(trained.Warnings);
            var wanted = splits.Wanted(parsed);
            var isOwn = other is null && otherData is null && files.Count == 0;
            ResultJson.Print(isOwn ? trained.Evaluate(wanted) : trained.Evaluate(wanted, other, otherData, files), usesInt8);
        });
        return command;
    }
}
