using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench start</c>: measures the time from the start of <c>train</c> to its first step.</summary>
internal static class StartBench
{
    private const string FirstLine = "  training "; // train prints it, behind the time, when everything is ready, see TrainingLines

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var rows = BenchOptions.Number("--rows", 10_000, "Number of training rows, of about 130 tokens each.");
        var (seed, json) = (BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("start", "Measure the time from the start of train to its first step, with files in the system's file cache.")
        {
            model, rows, seed, json,
        };
        command.SetAction(
            parsed => ResultPrinter.Print(Measure(parsed.GetValue(model)!, parsed.GetValue(rows), parsed.GetValue(seed)), parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int rows, long seed)
    {
        using var model = BenchmarkModel.Open(name, seed);
        using var folder = new ScratchFolder();
        double Start(string run) =>
            Seconds(ReviewRows.Spec(folder.File($"{run}.jsonl")) with { Model = model.Folder, SaveDir = folder.Path, SaveName = run, Seed = seed },
                rows);
        var first = Start("first"); // fills the system's file cache and the cache of prepared weights
        var load = MachineLoad.Start();
        var second = Start("second");
        var result = new JsonObject { ["model"] = name, ["rows"] = rows, ["seconds_at_first"] = first, ["seconds"] = second };
        Machine.Describe(result, load);
        return result;
    }

    private static double Seconds(RunSpec spec, int rows)
    {
        ReviewRows.Write(spec.Data!, rows, mark: $"{spec.SaveName}: ");
        var config = $"{spec.Data}.settings.json";
        File.WriteAllText(config, RunSpecJson.Write(spec).ToJsonString());
        var start = Stopwatch.GetTimestamp();
        using var train = OwnProgram.Start(["train", "--config", config], showsMessages: false);
        try
        {
            var said = new List<string>();
            while (train.StandardError.ReadLine() is { } line)
            {
                if (line.Contains(FirstLine, StringComparison.Ordinal))
                    return Stopwatch.GetElapsedTime(start).TotalSeconds;
                said.Add(line);
            }

            throw new MeasurementException($"train ended before its first step: {string.Join(" ", said)}");
        }
        finally
        {
            train.Kill();
            train.WaitForExit();
        }
    }
}
