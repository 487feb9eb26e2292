using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>evaluate</c>: metrics of a finished run on a split of its data.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The run directory." };
        var split = new Option<string>("--split") { Description = "train, validation or test. Default: validation.", HelpName = "S", DefaultValueFactory = _ => "validation" };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var command = new Command("evaluate", "Score a split of a run's data with its released prompt: {\"n\",\"invalid\",\"metrics\",\"undefined\"}.") { run, split };
        command.SetAction(parsed =>
        {
            using var trained = TrainedRun.Open(parsed.GetValue(run)!);
            ResultJson.Print(trained.Evaluate(Enum.Parse<DataSplit>(parsed.GetValue(split)!, ignoreCase: true)));
        });
        return command;
    }
}
