using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench packing</c>: compares packed and padded steps on batches with realistic lengths.</summary>
internal static class PackingBench
{
    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var lengths = new Option<string>("--lengths")
        {
            Description = "Task whose lengths and order are used, with random ids: wsc, rte or boolq.",
            HelpName = "TASK",
            Required = true,
        };
        lengths.OnlyFrom([.. RealLengths.All.Keys]);
        var (steps, batch, seed, json) = (BenchOptions.Steps(8), BenchOptions.Batch(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("packing", "Measure alternating packed and padded steps on batches with the lengths of a real task.")
        {
            model, lengths, batch, steps, seed, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(
                parsed.GetValue(model)!, parsed.GetValue(lengths)!, parsed.GetValue(steps),
                new StepSettings { BatchSize = parsed.GetValue(batch), Seed = parsed.GetValue(seed) }),
            parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, string lengths, int steps, StepSettings settings)
    {
        using var model = LoadedBackbone.Open(name, settings);
        var examples = StepExamples.Random(model.Model.Config, RealLengths.All[lengths], targetLength: 3,
            PairedSteps.Needed(steps) * settings.BatchSize, settings.Seed);
        using var packedLoop = new StepLoop(model.Model, settings, examples);
        using var paddedLoop = new StepLoop(model.Model, settings with { Mode = ComputeMode.Padded }, examples);
        var load = MachineLoad.Start();
        var pairs = PairedSteps.Measure(packedLoop, paddedLoop, steps);
        var fill = (double)pairs.Sum(pair => pair.First.Rows) / pairs.Sum(pair => pair.First.PaddedRows);
        var speedUp = pairs.Sum(pair => pair.Second.Milliseconds) / pairs.Sum(pair => pair.First.Milliseconds);
        var result = new JsonObject
        {
            ["model"] = name,
            ["lengths"] = lengths,
            ["batch"] = settings.BatchSize,
            ["steps"] = steps,
            ["fill"] = fill,
            ["packed_milliseconds"] = StepReport.Json(Spread.Of(pairs.Select(pair => pair.First.Milliseconds))),
            ["padded_milliseconds"] = StepReport.Json(Spread.Of(pairs.Select(pair => pair.Second.Milliseconds))),
            ["speed_up"] = speedUp,
            ["speed_up_by_fill"] = speedUp * fill,
            ["largest_loss_difference"] = pairs.Max(pair => Math.Abs(pair.First.Loss - pair.Second.Loss)),
        };
        Machine.Describe(result, load);
        return result;
    }
}
