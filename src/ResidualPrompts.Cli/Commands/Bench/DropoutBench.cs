using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench dropout</c>: measures the cost of dropout in the frozen backbone.</summary>
internal static class DropoutBench
{
    private const double Rate = 0.1; // T5's own

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var length = BenchOptions.Length();
        var (steps, seed, json) = (BenchOptions.Steps(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("dropout", "Measure alternating steps with and without dropout in the backbone.")
        {
            model, length, steps, seed, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(parsed.GetValue(model)!, parsed.GetValue(length), parsed.GetValue(steps),
                new StepSettings { Seed = parsed.GetValue(seed) }), parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int length, int steps, StepSettings settings)
    {
        using var model = LoadedBackbone.Open(name, settings);
        var examples = StepExamples.Random(model.Model.Config, [length], targetLength: 3, PairedSteps.Needed(steps) * settings.BatchSize,
            settings.Seed);
        using var without = new StepLoop(model.Model, settings, examples);
        using var with = new StepLoop(model.Model, settings with { Dropout = Rate }, examples);
        var load = MachineLoad.Start();
        var pairs = PairedSteps.Measure(without, with, steps);
        var cost = Spread.Of(pairs.Select(pair => (pair.Second.Milliseconds / pair.First.Milliseconds) - 1));
        var result = new JsonObject
        {
            ["model"] = name,
            ["positions"] = length + settings.PromptLength,
            ["rate"] = Rate,
            ["steps"] = steps,
            ["milliseconds_without"] = StepReport.Json(Spread.Of(pairs.Select(pair => pair.First.Milliseconds))),
            ["milliseconds_with"] = StepReport.Json(Spread.Of(pairs.Select(pair => pair.Second.Milliseconds))),
            ["cost"] = cost.Median,
            ["cost_quartiles"] = StepReport.Quartiles(cost),
        };
        Machine.Describe(result, load);
        return result;
    }
}
