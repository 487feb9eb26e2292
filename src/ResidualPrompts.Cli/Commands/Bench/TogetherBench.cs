using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench together</c>: measures what <c>evaluate RUN RUN …</c> gains by one pass over the rows of all runs.</summary>
internal static class TogetherBench
{
    private const int TrainRows = 16;
    private const string Train = "train.jsonl", Validation = "validation.jsonl"; // as a folder of splits names them

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var runs = BenchOptions.Number("--runs", 5, "Number of runs, each with a prompt of its own.", least: 2);
        var rows = BenchOptions.Number("--rows", 500, "Number of rows to evaluate, of about 130 tokens each.");
        var rounds = BenchOptions.Number("--rounds", 5, "How often all runs are evaluated each way.");
        var (seed, json) = (BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("together", "Measure the evaluation of several runs, alternately one by one and in one pass.")
        {
            model, runs, rows, rounds, seed, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(
                parsed.GetValue(model)!, parsed.GetValue(runs), parsed.GetValue(rows), parsed.GetValue(rounds), parsed.GetValue(seed)),
            parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int runCount, int rowCount, int rounds, long seed)
    {
        using var model = BenchmarkModel.Open(name, seed);
        using var folder = new ScratchFolder();
        using var backbones = new SharedBackbone();
        var opened = Trained(model.Folder, folder, runCount, rowCount, seed).Select(path => TrainedRun.Open([path], backbones, allowMismatch: false))
            .ToList();
        var together = TrainedRun.Together(opened);
        _ = Seconds([opened]); // compiles the code and touches every weight
        var load = MachineLoad.Start();
        IReadOnlyList<IReadOnlyList<TrainedRun>> oneByOne = [.. opened.Select(run => new[] { run })];
        var measured = Enumerable.Range(0, rounds).Select(_ => (
            OneByOne: Seconds(oneByOne), OnePass: Seconds([opened]),
            EnsembleAfter: Seconds([.. oneByOne, [together]]), EnsembleWithin: Seconds([[.. opened, together]]))).ToArray();
        var result = new JsonObject
        {
            ["model"] = name,
            ["runs"] = runCount,
            ["rows"] = rowCount,
            ["rounds"] = rounds,
            ["seconds_one_by_one"] = StepReport.Json(Spread.Of(measured.Select(round => round.OneByOne))),
            ["seconds_in_one_pass"] = StepReport.Json(Spread.Of(measured.Select(round => round.OnePass))),
            ["speed_up"] = StepReport.Json(Spread.Of(measured.Select(round => round.OneByOne / round.OnePass))),
            ["seconds_one_by_one_and_ensemble"] = StepReport.Json(Spread.Of(measured.Select(round => round.EnsembleAfter))),
            ["seconds_in_one_pass_with_ensemble"] = StepReport.Json(Spread.Of(measured.Select(round => round.EnsembleWithin))),
            ["speed_up_with_ensemble"] = StepReport.Json(Spread.Of(measured.Select(round => round.EnsembleAfter / round.EnsembleWithin))),
        };
        Machine.Describe(result, load);
        opened.ForEach(run => run.Dispose());
        return result;
    }

    /// <summary>Trains the prompts for a step each; their values do not affect speed.</summary>
    private static IEnumerable<string> Trained(string model, ScratchFolder folder, int runCount, int rowCount, long seed)
    {
        var data = Directory.CreateDirectory(folder.File("rows")).FullName;
        ReviewRows.Write(Path.Combine(data, Train), TrainRows);
        ReviewRows.Write(Path.Combine(data, Validation), rowCount);
        foreach (var run in Enumerable.Range(0, runCount))
        {
            var spec = ReviewRows.Spec(data) with
            {
                Model = model,
                MaxSteps = 1,
                ValidationPerClass = 1,
                Seed = seed + run,
                SaveDir = folder.Path,
                SaveName = $"run-{run}",
            };
            TrainingRun.Train(spec).Dispose();
            yield return spec.Directory;
        }
    }

    /// <summary>The time of passes over the rows, one after another; each reads and tokenizes its rows.</summary>
    private static double Seconds(IReadOnlyList<IReadOnlyList<TrainedRun>> passes)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var pass in passes)
        {
            foreach (var scored in EvaluationPass.Score(pass, Rows(pass[0])))
                _ = scored.Result();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>All rows of the file, not the few that the runs validated on.</summary>
    private static EvaluationRows Rows(TrainedRun run) =>
        new(DataSplit.Validation, null, Path.Combine(run.Members[0].Record.Spec.Data!, Validation), EvaluationRows.NoFiles);
}
