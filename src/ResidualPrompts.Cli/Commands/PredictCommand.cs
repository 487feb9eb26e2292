using System.CommandLine;
using System.Text;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>predict</c>: the released prompt of a run on new text.</summary>
internal static class PredictCommand
{
    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The run directory." };
        var texts = new Argument<string[]>("TEXT") { Description = "Texts to predict. Default: the lines of --input or of standard input.", Arity = ArgumentArity.ZeroOrMore };
        var input = new Option<string?>("--input")
        {
            Description = "File of rows (.jsonl, .csv, .tsv, .parquet, also .gz, with the fields of the task) or of text, one a line. Default: standard input, text.",
            HelpName = "FILE",
        };
        var encoding = SharedOptions.Encoding();
        var submission = new Option<string?>("--submission") { Description = "Predict the test split into the zip that the GLUE or SuperGLUE leaderboard takes; other tasks' files in it stay.", HelpName = "FILE.zip" };
        var task = new Option<string?>("--task") { Description = "With --submission: this task instead of the run's own, such as ax-b.", HelpName = "NAME" };
        var data = new Option<string?>("--data") { Description = "With --submission: this data instead of the run's own.", HelpName = "DIR|FILE" };
        var allowMismatch = SharedOptions.AllowMismatch();
        var command = new Command("predict", "Predict new text with a run's released prompt, one JSON object a line.") { run, texts, input, encoding, submission, task, data, allowMismatch };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(texts) ?? [];
            if (given.Length > 0 && parsed.GetValue(input) is not null)
                throw new UsageException("Texts and --input exclude each other.");
            if (parsed.GetValue(submission) is null && (parsed.GetValue(task) ?? parsed.GetValue(data)) is not null)
                throw new UsageException("--task and --data act on --submission, which is not given; rows of any data are predicted with --input.");
            if (parsed.GetValue(submission) is not null && (given.Length > 0 || parsed.GetValue(input) is not null))
                throw new UsageException("--submission predicts the test split; texts and --input exclude it.");
            HubAccess.EnsureRun(parsed, parsed.GetValue(run)!, parsed.GetValue(task), parsed.GetValue(data), needsData: parsed.GetValue(submission) is not null);
            using var trained = TrainedRun.Open(parsed.GetValue(run)!, parsed.GetValue(allowMismatch));
            SharedOptions.Warn(trained.Warnings);
            if (parsed.GetValue(submission) is { } zip)
            {
                var (name, count, invalid) = trained.Submit(zip, parsed.GetValue(task), parsed.GetValue(data));
                Console.Error.WriteLine($"{count} predictions in {name} of {zip}{(invalid > 0 ? $"; {invalid} answers were no label or number; the first label, or 0, stands for them" : "")}");
                return;
            }

            var rows = given.Length > 0 ? [.. given.Select((text, i) => trained.RowOf(text, i + 1, i))] : Read(trained, parsed.GetValue(input), TextEncodings.Find(parsed.GetValue(encoding)!));
            using var writer = new JsonLineWriter();
            foreach (var prediction in trained.Predict(rows))
                writer.Write(json => PredictionFile.WriteFields(json, prediction));
        });
        return command;
    }

    private static List<Example> Read(TrainedRun trained, string? input, Encoding encoding)
    {
        if (input is not null && ExampleFile.CanRead(input))
            return [.. trained.ReadRows(input, encoding)];
        return [.. SharedOptions.Read(input, encoding).Lines.Select((line, i) => trained.RowOf(line.Text, line.Number, i))];
    }
}
