using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench evaluate</c>: measures label scores for examples of realistic lengths.</summary>
internal static class EvaluateBench
{
    internal static Command Create()
    {
        var (model, examples, meanLength) = (BenchOptions.Model(), BenchOptions.Examples(), BenchOptions.MeanLength());
        var (mode, seed, json) = (BenchOptions.Mode(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("evaluate", "Measure the scoring of two labels, in milliseconds of one core per example.")
        {
            model, examples, meanLength, mode, seed, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(
                parsed.GetValue(model)!, parsed.GetValue(examples), parsed.GetValue(meanLength),
                new StepSettings { Mode = BenchOptions.Read(parsed.GetValue(mode)), Seed = parsed.GetValue(seed) }),
            parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int count, int meanLength, StepSettings settings)
    {
        using var scores = new LabelScores(name, count, meanLength, settings);
        scores.WarmUp();
        var load = MachineLoad.Start();
        var (wall, core) = scores.Measure();
        var result = scores.Describe();
        result["core_milliseconds_per_example"] = core;
        result["wall_milliseconds_per_example"] = wall;
        Machine.Describe(result, load);
        return result;
    }
}
