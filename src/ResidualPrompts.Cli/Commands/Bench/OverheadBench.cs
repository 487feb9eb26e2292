using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Profiling;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench overhead</c>: measures the time of a real run's step outside forward, backward and update: batching, events, logs, C#.</summary>
internal static class OverheadBench
{
    private const int WarmUpSteps = 2;
    private const int BatchSize = 8;

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var (steps, seed, json) = (BenchOptions.Steps(10), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("overhead", "Measure the time that steps of a training run spend outside forward, backward and update.")
        {
            model, steps, seed, json,
        };
        command.SetAction(
            parsed => ResultPrinter.Print(Measure(parsed.GetValue(model)!, parsed.GetValue(steps), parsed.GetValue(seed)), parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int steps, long seed)
    {
        using var model = BenchmarkModel.Open(name, seed);
        using var folder = new ScratchFolder();
        var rows = folder.File("rows.jsonl");
        ReviewRows.Write(rows, (WarmUpSteps + steps + 1) * BatchSize);
        var (totals, overheads) = Watch(
            ReviewRows.Spec(rows) with
            {
                Model = model.Folder,
                SaveDir = folder.Path,
                SaveName = "run",
                BatchSize = BatchSize,
                Epochs = 1,
                Seed = seed,
            },
            steps, out var load);
        var result = new JsonObject
        {
            ["model"] = name,
            ["steps"] = steps,
            ["milliseconds"] = StepReport.Json(Spread.Of(totals)),
            ["overhead_milliseconds"] = StepReport.Json(Spread.Of(overheads)),
            ["overhead_share"] = Spread.Of(overheads.Zip(totals, (overhead, total) => overhead / total)).Median,
        };
        Machine.Describe(result, load);
        return result;
    }

    /// <summary>Milliseconds between the events of consecutive steps, in total and outside forward, backward and update.</summary>
    private static (List<double> Totals, List<double> Overheads) Watch(RunSpec spec, int steps, out MachineLoad load)
    {
        var (totals, overheads) = (new List<double>(), new List<double>());
        var watched = MachineLoad.Start();
        using var parts = new StepParts();
        using var stop = new CancellationTokenSource();
        var last = 0L;
        void OnEvent(TrainingEvent happened)
        {
            if (happened is not StepCompleted step)
                return;
            var (now, inParts) = (Stopwatch.GetTimestamp(), parts.Take());
            if (step.Step == WarmUpSteps)
                watched = MachineLoad.Start();
            if (step.Step > WarmUpSteps)
            {
                totals.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
                overheads.Add(totals[^1] - inParts.TotalMilliseconds);
            }

            last = now;
            if (totals.Count == steps)
                stop.Cancel();
        }

        try
        {
            TrainingRun.Train(spec, RunMode.New, new RunObserver(OnEvent: OnEvent), stop.Token);
        }
        catch (RunInterruptedException)
        {
            // thrown after the last measured step
        }

        load = watched;
        return (totals, overheads);
    }
}
