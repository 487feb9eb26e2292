using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench growth</c>: compares the growth of a step's time with that of its operations, for increasing batch and text sizes.</summary>
internal static class GrowthBench
{
    // examples and positions
    private static readonly (int Batch, int Positions)[] All = [(4, 128), (8, 128), (8, 256), (16, 256), (16, 512), (32, 512)];
    private static readonly (int Batch, int Positions)[] Few = [(1, 16), (2, 32)];

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var quick = new Option<bool>("--quick") { Description = "Use only two tiny sizes, to test that it runs." };
        var (steps, seed, json) = (BenchOptions.Steps(2), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("growth",
            "Measure steps from 4 × 128 to 32 × 512 positions, relative to the time extrapolated from the smallest by operations.")
        {
            model, quick, steps, seed, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(parsed.GetValue(model)!, parsed.GetValue(quick) ? Few : All, parsed.GetValue(steps),
                parsed.GetValue(seed)), parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, (int Batch, int Positions)[] sizes, int steps, long seed)
    {
        var settings = new StepSettings { Seed = seed };
        using var model = LoadedBackbone.Open(name, settings);
        var load = MachineLoad.Start();
        var times = new JsonObject();
        var excesses = new JsonObject();
        double? smallest = null;
        foreach (var (batch, positions) in sizes)
        {
            var size = settings with { BatchSize = batch };
            var examples = StepExamples.Random(model.Model.Config, [positions - size.PromptLength], targetLength: 3, (steps + 1) * batch, seed);
            using var loop = new StepLoop(model.Model, size, examples);
            _ = loop.Next();
            MeasuredStep[] measured = [.. Enumerable.Range(0, steps).Select(_ => loop.NextAgainstRaw())];
            var fraction = Spread.Of(measured.Select(step => step.FractionOfRaw)).Median;
            smallest ??= fraction;
            times[$"{batch}x{positions}"] = Spread.Of(measured.Select(step => step.Milliseconds)).Median;
            excesses[$"{batch}x{positions}"] = (smallest.Value / fraction) - 1;
        }

        var result = new JsonObject
        {
            ["model"] = name,
            ["steps"] = steps,
            ["milliseconds"] = times,
            ["above_the_curve"] = excesses,
            ["largest_above_the_curve"] = excesses.Max(pair => pair.Value!.GetValue<double>()),
        };
        Machine.Describe(result, load);
        return result;
    }
}
