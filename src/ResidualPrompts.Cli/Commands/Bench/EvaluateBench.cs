using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.PromptedModels;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench evaluate</c>: label scores of examples as long as real ones.</summary>
internal static class EvaluateBench
{
    private const int WarmUpExamples = 8;
    private static readonly int[][] Labels = [[100, 1], [200, 1]];

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var examples = BenchOptions.Number("--examples", 64, "Examples.");
        var meanLength = BenchOptions.Number("--mean-length", 131, "Mean text tokens; lengths are spread as BoolQ's are.", "TOKENS", least: 8);
        var (mode, seed, json) = (BenchOptions.Mode(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("evaluate", "Measure the scoring of two labels: milliseconds of one core an example.") { model, examples, meanLength, mode, seed, json };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(
                parsed.GetValue(model)!, parsed.GetValue(examples), parsed.GetValue(meanLength),
                new StepSettings { Mode = BenchOptions.Read(parsed.GetValue(mode)), Seed = parsed.GetValue(seed) }),
            parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int count, int meanLength, StepSettings settings)
    {
        using var model = LoadedBackbone.Open(name, settings);
        using var prompt = StartPrompt.Of(model.Model, settings.PromptLength, settings.Seed);
        var scorer = new Scorer(new PromptedT5(model.Model, prompt));
        var real = RealLengths.All["boolq"];
        int[] lengths = [.. real.Select(length => Math.Max(2, (int)Math.Round(length * meanLength / real.Average())))];
        var examples = StepExamples.Random(model.Model.Config, lengths, targetLength: 3, count, settings.Seed);
        var request = new ScoringRequest(Labels, null);
        _ = scorer.Score(examples.Take(WarmUpExamples), request).Count();
        var load = MachineLoad.Start();
        var (wall, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        _ = scorer.Score(examples, request).Count();
        var (wallTime, processorTime) = (Stopwatch.GetElapsedTime(wall), Environment.CpuUsage.TotalTime - processor);
        var result = new JsonObject
        {
            ["model"] = name,
            ["mode"] = settings.ModeName,
            ["examples"] = count,
            ["mean_tokens"] = examples.Average(example => example.InputIds.Length),
            ["labels"] = Labels.Length,
            ["core_milliseconds_per_example"] = processorTime.TotalMilliseconds / count,
            ["wall_milliseconds_per_example"] = wallTime.TotalMilliseconds / count,
        };
        Machine.Describe(result, load);
        return result;
    }
}
