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
        var allowMismatch = SharedOptions.AllowMismatch();
        var command = new Command("evaluate", "Score a split of a run's data with its released prompt: {\"n\",\"invalid\",\"metrics\"}.") { run, split, allowMismatch };
        command.SetAction(parsed =>
        {
            using var trained = TrainedRun.Open(parsed.GetValue(run)!, parsed.GetValue(allowMismatch));
            SharedOptions.Warn(trained.Warnings);
            var result = trained.Evaluate(Enum.Parse<DataSplit>(parsed.GetValue(split)!, ignoreCase: true));
            using var writer = new JsonLineWriter();
            writer.Write(json =>
            {
                json.WriteNumber("n", result.N);
                json.WriteNumber("invalid", result.Invalid);
                json.WriteStartObject("metrics");
                foreach (var (name, value) in result.Metrics)
                {
                    if (value is { } number)
                        json.WriteNumber(name, number);
                    else
                        json.WriteNull(name);
                }

                json.WriteEndObject();
            });
        });
        return command;
    }
}
