using System.CommandLine;
using System.Globalization;
using ResidualPrompts.Cli.Learning;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench learn</c>: measures how many steps and seconds each method takes to learn a task.</summary>
internal static class LearnBench
{
    private const string Curves = "--curves";
    private const int EvaluateEvery = 50, QuickEvaluateEvery = 5;

    /// <summary>The settings of rows and of the prompt that are options as of <c>train</c>; those of training are the same for all.</summary>
    private static readonly string[] Keys =
    [
        "revision", "data", "train", "validation", "encoding", "data_revision", "template", "label_words", "label_field", "validation_fraction",
        "split_seed", "few_shot", "few_shot_seed", "validation_per_class", "max_input_length", "prompt_length", "bottleneck_size", "batch_size",
    ];

    internal static Command Create()
    {
        var model = SharedOptions.Model(otherwise: "t5-nano");
        var task = new Option<string?>("--task") { Description = "The task. Default: subj.", HelpName = "NAME|FILE" };
        var settings = new SettingOptionSet(Keys);
        var steps = new Option<int?>("--steps") { Description = "Steps of each run. Default: 600.", HelpName = "N" };
        var seeds = new Option<string?>("--seeds") { Description = "Seeds of each method and rate. Default: 0,1,2,3,4.", HelpName = "N,N,…" };
        var rates = new Option<string?>("--rates")
        {
            Description = "Learning rates. Each method is measured at the one with the highest median at the last evaluation. Default: 0.03,0.1,0.3.",
            HelpName = "RATE,RATE,…",
        };
        var folder = new Option<string?>("--save-dir")
        {
            Description = "Folder of the runs. Runs that are in it already are continued or used, not trained again. Default: runs/learn; "
                + "with --quick a temporary folder.",
            HelpName = "DIR",
        };
        var curves = new Option<string?>(Curves)
        {
            Description = "Plot the medians by step and by seconds, and the threshold, into this .svg or .png file; a band is from the lowest to the "
                + "highest seed.",
            HelpName = "FILE",
        };
        var quick = new Option<bool>("--quick")
        {
            Description = "Train tiny runs to test that everything works; the numbers are meaningless.",
        };
        var json = BenchOptions.Json();
        var command = new Command("learn",
            "Measure the steps and seconds until the median over seeds has 95 % of what the best method gains over the constant answer.")
        {
            model, task, steps, seeds, rates, folder, curves, quick, json,
        };
        settings.AddTo(command);
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            var isQuick = parsed.GetValue(quick);
            if (parsed.GetValue(steps) is { } number and < 1)
                throw new UsageException($"--steps is {number}, expected at least 1.");
            if (parsed.GetValue(curves) is { } file)
                Picture.Check(Curves, file);
            using var scratch = isQuick && parsed.GetValue(folder) is null ? new ScratchFolder() : null;
            var values = settings.Values(parsed);
            if (isQuick)
            {
                foreach (var (key, value) in new[] { ("few_shot", 8), ("validation_per_class", 6), ("bottleneck_size", 4), ("prompt_length", 2) })
                    values.TryAdd(key, value);
            }

            var spec = RunSpecJson.Read(values, "options") with
            {
                Model = parsed.GetValue(model) ?? "t5-nano",
                Task = parsed.GetValue(task) ?? (values.ContainsKey("template") && values.ContainsKey("label_words") ? null : "subj"),
                MaxSteps = parsed.GetValue(steps) ?? (isQuick ? 10 : 600),
                EvaluateEverySteps = isQuick ? QuickEvaluateEvery : EvaluateEvery,
                SaveDir = parsed.GetValue(folder) ?? scratch?.Path ?? Path.Combine("runs", "learn"),
            };
            HubAccess.Ensure(parsed, spec);
            return Run(
                new LearningPlan(
                    spec, Rates(parsed.GetValue(rates) ?? (isQuick ? "0.1,0.3" : "0.03,0.1,0.3")),
                    SeedRuns.Parse(parsed.GetValue(seeds) ?? (isQuick ? "0,1" : "0,1,2,3,4"))),
                parsed.GetValue(curves), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(LearningPlan plan, string? curves, string? json)
    {
        var training = new LearningTraining(plan, Console.Error.WriteLine);
        plan.Check();
        var (metric, constant) = training.Constant();
        LearningResult result;
        using var stop = new StopSignals();
        try
        {
            var diverged = training.Train(stop.Token);
            result = LearningResult.Of(plan, training, metric, constant, diverged);
        }
        catch (Exception e) when (e is RunInterruptedException || (e is OperationCanceledException && stop.Token.IsCancellationRequested))
        {
            Console.Error.WriteLine("Stopped with a checkpoint. To continue, run the same command again.");
            return ExitCode.Interrupted;
        }

        foreach (var note in LearningReport.Notes(result))
            Console.Error.WriteLine($"note: {note}");
        if (json is not null)
            ReplacedFile.Write(json, LearningReport.Json(plan, result).ToJsonString() + "\n");
        if (curves is not null)
            LearningChart.Write(Curves, curves, result, plan.Seeds.Count);
        TextTable.Print(LearningReport.Rows(result));
        Console.WriteLine(LearningReport.Threshold(result));
        return ExitCode.Good;
    }

    private static List<double> Rates(string text)
    {
        var rates = new List<double>();
        foreach (var part in text.Split(','))
        {
            if (!double.TryParse(part.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || !(rate > 0) || !double.IsFinite(rate)
                || rates.Contains(rate))
                throw new UsageException(
                    $"--rates is {ShownText.Value(text)}, expected different numbers above 0, separated by commas, such as 0.1,0.3.");
            if (new RunSpec { LearningRate = rate }.Validate().FirstOrDefault(problem => problem.Key == "learning_rate") is { } problem)
                throw new UsageException($"--rates has {LearningPlan.Text(rate)}, which {problem.Message}.");
            rates.Add(rate);
        }

        return rates;
    }
}
