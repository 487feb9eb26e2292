using System.CommandLine;
using System.Globalization;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Native;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Cli.Commands;

/// <summary>
/// <c>demo</c>: trains the bundled model on bundled data by prompt tuning and by residual prompt tuning with the same budget, then classifies
/// sentences with the better prompt. Finished runs are reused.
/// </summary>
internal static class DemoCommand
{
    private static readonly Dictionary<string, DemoTask> Tasks = new()
    {
        ["subj"] = new DemoTask(
            "sentence", "Is a sentence from a film review or from a plot summary?", 1, 0.1,
            [
                "a clumsy script drowns the few honest moments .", "when her brother disappears , anna travels to the coast to find him .",
                "the acting is superb , and the ending moved me .",
            ]),
        ["rotten-tomatoes"] = new DemoTask(
            "text", "Is a sentence of a film review for or against the film?", 0.3, 0.3,
            ["a dull , lifeless film .", "warm , funny and beautifully acted .", "it never finds its rhythm ."]),
    };

    /// <summary>Settings and texts of one task. eng/demo-settings chose the learning rate of each method by validation.</summary>
    private sealed record DemoTask(string Field, string Question, double PlainRate, double ResidualRate, string[] Sentences);

    internal static Command Create()
    {
        var task = new Option<string>("--task") { Description = "subj or rotten-tomatoes.", HelpName = "NAME", DefaultValueFactory = _ => "subj" };
        task.OnlyFrom([.. Tasks.Keys]);
        var text = new Option<string?>("--text") { Description = "Classify this sentence instead of the demo's three.", HelpName = "TEXT" };
        var command = new Command("demo",
            "Train both kinds of prompt on bundled data in a few minutes, compare them, and classify sentences with the better one.")
        {
            task, text,
        };
        command.SetAction(parsed => Run(parsed.GetValue(task)!, parsed.GetValue(text)));
        return command;
    }

    private static int Run(string name, string? text)
    {
        var demo = Tasks[name];
        Console.Error.WriteLine($"{demo.Question} t5-nano stays frozen; 10 prompt rows before its input are trained.");
        CompletedRun plain, residual;
        try
        {
            using var stop = new StopSignals();
            plain = Train("plain prompt", Spec(name) with { LearningRate = demo.PlainRate, SaveName = $"{name}-plain" }, stop.Token);
            var residualSpec = Spec(name) with
            {
                LearningRate = demo.ResidualRate,
                Reparameterization = Reparameterization.Mlp,
                BottleneckSize = 128,
                SaveName = $"{name}-residual",
            };
            residual = Train("residual prompt", residualSpec, stop.Token);
        }
        catch (RunInterruptedException)
        {
            Console.Error.WriteLine("Stopped with a checkpoint. To continue, run the same command again.");
            return ExitCode.Interrupted;
        }

        PrintTable(Untuned(Spec(name)), plain, residual);
        var better = Validation(residual) >= Validation(plain) ? residual : plain;
        using var trained = TrainedRun.Open(better);
        Console.WriteLine($"The {(better == residual ? "residual" : "plain")} prompt has the better validation accuracy and predicts:");
        string[] sentences = text is null ? demo.Sentences : [text];
        var outcomes = better.Validation.Outcomes;
        var predictions = trained.Predict([.. sentences.Select((sentence, i) => Example.Of(demo.Field, sentence, i + 1, i))]);
        foreach (var (sentence, prediction) in sentences.Zip(predictions))
            PrintBars(sentence, prediction, outcomes);
        return ExitCode.Good;
    }

    /// <summary>The same budget for both: 4 epochs of 1,200 examples, or 600 steps of batch size 8.</summary>
    private static RunSpec Spec(string task) => new()
    {
        Task = task,
        Model = "t5-nano",
        FewShot = 600,
        Epochs = 4,
        Seed = 0,
        Test = true,
        SaveDir = Path.Combine("runs", "demo"),
    };

    private static CompletedRun Train(string title, RunSpec spec, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"training a {title}, learning rate {spec.LearningRate?.ToString(CultureInfo.InvariantCulture)}, seed {spec.Seed}");
        CompletedRun With(RunMode mode) =>
            TrainingProgress.Show(new RunNotes(), observer => TrainingRun.Train(spec, mode, observer, cancellationToken));
        try
        {
            return With(RunMode.Resume);
        }
        catch (RunException)
        {
            return With(RunMode.Overwrite); // the run is of an older version of the demo
        }
    }

    /// <summary>Test metrics of the backbone without a prompt: the baseline.</summary>
    private static SplitResult Untuned(RunSpec spec)
    {
        LibTorch.EnsureLoaded(); // both runs may have been finished already, which loads nothing
        using var backbone = ModelCatalog.Load(spec.Model, spec.Revision);
        var data = RunData.Load(spec, backbone);
        var evaluator = data.MakeEvaluator();
        return SplitResult.Of(evaluator.Report(evaluator.Predict(new PromptScorer(backbone.Model), data.Encode(DataSplit.Test)!)));
    }

    private static double Validation(CompletedRun outcome) => outcome.Validation["accuracy"] ?? 0;

    private static void PrintTable(SplitResult untuned, CompletedRun plain, CompletedRun residual)
    {
        var majority = untuned.Confusion.Max(row => row.Sum()) / (double)untuned.N;
        static string[] Row(string title, CompletedRun outcome) =>
        [
            title, MetricText.Percent(outcome.Test!["accuracy"]), outcome.Result.TrainedParameters.ToString("#,0", CultureInfo.InvariantCulture),
            outcome.Result.DurationSeconds.ToString("0", CultureInfo.InvariantCulture),
            Path.GetRelativePath(Environment.CurrentDirectory, outcome.Directory.Path),
        ];
        TextTable.Print(
        [
            ["", $"test accuracy ({untuned.N} sentences)", "trained parameters", "seconds", "run directory"],
            ["majority class", MetricText.Percent(majority), "0", "", ""],
            ["untuned model", MetricText.Percent(untuned.Metrics["accuracy"]), "0", "", ""],
            Row("prompt tuning", plain),
            Row("residual prompt tuning", residual),
        ]);
        var difference = (residual.Test!["accuracy"] ?? 0) - (plain.Test!["accuracy"] ?? 0);
        Console.WriteLine(difference > 0
            ? "Residual prompt tuning is ahead here, with this one seed."
            : "Residual prompt tuning does not win here, with this one seed and this small model.");
        Console.WriteLine();
    }

    private static void PrintBars(string sentence, Prediction prediction, IReadOnlyList<string> outcomes)
    {
        const int width = 30;
        Console.WriteLine($"  {sentence}");
        var largest = prediction.Scores!.Max();
        var sum = prediction.Scores!.Sum(score => Math.Exp(score - largest));
        foreach (var (outcome, score) in outcomes.Zip(prediction.Scores!))
        {
            var probability = Math.Exp(score - largest) / sum;
            Console.WriteLine(
                $"    {outcome,-10} {new string('█', (int)Math.Round(width * probability)).PadRight(width)} {MetricText.Percent(probability)}");
        }
    }
}
