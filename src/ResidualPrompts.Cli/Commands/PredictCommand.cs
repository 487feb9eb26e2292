using System.CommandLine;
using System.Diagnostics;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Predictions;
using ResidualPrompts.Studies;
using ResidualPrompts.Submissions;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>predict</c>: predictions of a run's released prompt for new text.</summary>
internal static class PredictCommand
{
    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The run directory, or a study, whose runs predict by their mean probability." };
        var seed = new Option<long?>("--seed") { Description = "Of a study, use the run with this seed alone.", HelpName = "N" };
        var submission = new Option<string?>("--submission")
        {
            Description = "Write predictions for the test split into a zip file for the GLUE or SuperGLUE leaderboard; "
                + "files of other tasks in it are kept.",
            HelpName = "FILE.zip",
        };
        var task = new Option<string?>("--task")
        {
            Description = "With --submission: use this task instead of the run's own, such as ax-b.",
            HelpName = "NAME",
        };
        var data = new Option<string?>("--data")
        {
            Description = "With --submission: use this data instead of the run's own.",
            HelpName = "DIR|FILE",
        };
        var allowMismatch = SharedOptions.AllowMismatch();
        var int8 = Int8Option.Create();
        var command = new Command(
            "predict", "Predict new text with a run's released prompt or model: JSON lines on standard output, or a file with --output.")
        {
            run,
        };
        var options = new PredictOptions(command);
        foreach (var option in new Option[] { seed, submission, task, data, allowMismatch, int8 })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var zip = parsed.GetValue(submission);
            options.Check(parsed, isSubmission: zip is not null);
            if (zip is null && (parsed.GetValue(task) ?? parsed.GetValue(data)) is not null)
                throw new UsageException($"--task and --data require --submission, which is not given. To predict rows of other data, use --input.");
            var usesInt8 = Int8Option.Checked(parsed.GetValue(int8));
            var path = parsed.GetValue(seed) is { } one ? RunFolders.WithSeed(parsed.GetValue(run)!, one) : parsed.GetValue(run)!;
            HubAccess.EnsureRun(parsed, path, parsed.GetValue(task), parsed.GetValue(data), needsData: zip is not null);
            using var trained = TrainedRun.Open(path, parsed.GetValue(allowMismatch),
                BackboneOptions.Default with { Int8 = usesInt8 });
            SharedOptions.Warn(trained.Warnings);
            if (zip is not null)
                Submit(trained, zip, parsed.GetValue(task), parsed.GetValue(data));
            else if (options.Output(parsed) is not null)
                return WriteFile(trained, options.Spec(parsed));
            else
                Print(trained, options, parsed);
            return ExitCode.Good;
        });
        return command;
    }

    private static void Submit(TrainedRun trained, string zip, string? task, string? data)
    {
        var (name, count, invalid, missing) = SubmissionZip.Add(trained, zip, task, data);
        Console.Error.WriteLine(
            $"{count} predictions in {name} of "
                + $"{zip}{(invalid > 0 ? $"; {invalid} answers were neither a label nor a number and were replaced by the first label or 0" : "")}");
        Console.Error.WriteLine(
            missing.Count == 0 ? $"{zip} has every file of the leaderboard." : $"{zip} still lacks {string.Join(", ", missing)}.");
    }

    private static int WriteFile(TrainedRun trained, PredictionJobOptions spec)
    {
        using var stop = new StopSignals();
        var start = Stopwatch.GetTimestamp();
        PredictionProgress? last = null;
        SharedOptions.Warn(ExampleFile.Notes(spec.Input));
        try
        {
            PredictionProgressBar.Show(tell => last = PredictionJob.Run(
                trained,
                spec,
                progress =>
                {
                    last = progress;
                    tell(progress);
                },
                stop.Token));
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"stopped after {last?.RowCount ?? 0} rows; to continue, run the same command with --resume");
            return ExitCode.Interrupted;
        }

        Console.Error.WriteLine(PredictionProgressBar.Summary(last!, Stopwatch.GetElapsedTime(start), spec.Output, spec.ErrorFile));
        return ExitCode.Good;
    }

    private static void Print(TrainedRun trained, PredictOptions options, ParseResult parsed)
    {
        var badCount = 0;
        void Tell(BadRow row)
        {
            Interlocked.Increment(ref badCount); // standard input is read on a separate thread
            Console.Error.WriteLine($"skipped row {row.Index + 1} (line {row.Line}): {row.Reason}");
        }

        var reading = options.Reading(parsed, Tell);
        var input = options.Input(parsed);
        IEnumerable<Example[]> windows = options.Texts(parsed) is { Length: > 0 } texts ? [
            [.. texts.Select((text, i) => trained.Rows.RowOf(text, i + 1, i))]]
            : input is null ? RowWindows.AsTheyCome(trained.Rows.ReadTexts(StandardInput.Open(), StandardInput.Name, reading))
            : trained.Rows.Read(input, reading).Chunk(RowWindows.Size);
        var keepsColumns = input is not null && ExampleFile.CanRead(input);
        var prefix = options.Prefix(parsed);
        JsonLineWriter.Run(writer =>
        {
            foreach (var window in trained.PredictWindows(windows, reading.OnBadRow))
            {
                foreach (var predicted in window)
                    Write(writer, predicted, keepsColumns, prefix, reading.OnBadRow);
                writer.Flush();
            }
        });

        if (badCount > 0)
            Console.Error.WriteLine($"bad rows skipped: {badCount}");
    }

    private static void Write(JsonLineWriter writer, PredictedRow predicted, bool keepsColumns, string prefix, Action<BadRow>? onBadRow)
    {
        try
        {
            writer.Write(json =>
            {
                if (keepsColumns)
                    predicted.WriteFields(json, prefix);
                else
                    PredictionJson.WriteFields(json, predicted.Prediction, prefix);
            });
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(BadRow.Of(predicted.Row, e));
        }
    }
}
