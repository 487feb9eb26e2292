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
        var command = new Command("predict", "Predict new text with a run's released prompt, one JSON object a line.") { run, texts, input, encoding };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(texts) ?? [];
            if (given.Length > 0 && parsed.GetValue(input) is not null)
                throw new UsageException("Texts and --input exclude each other.");
            using var trained = TrainedRun.Open(parsed.GetValue(run)!);
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
            return [.. ExampleFile.ReadAll(input, encoding)];
        return [.. SharedOptions.Read(input, encoding).Lines.Select((line, i) => trained.RowOf(line.Text, line.Number, i))];
    }
}
