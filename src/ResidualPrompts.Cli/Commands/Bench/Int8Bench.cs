using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench int8</c>: measures the speed-up by <c>--int8</c>.</summary>
internal static class Int8Bench
{
    internal static Command Create()
    {
        var (model, examples, meanLength) = (BenchOptions.Model(), BenchOptions.Examples(), BenchOptions.MeanLength());
        var (rounds, seed, json) = (BenchOptions.Number("--rounds", 5, "How often all examples are scored each way."), BenchOptions.Seed(),
            BenchOptions.Json());
        var command = new Command("int8", "Measure the scoring of two labels alternately with and without --int8.")
        {
            model, examples, meanLength, rounds, seed, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(
                parsed.GetValue(model)!, parsed.GetValue(examples), parsed.GetValue(meanLength), parsed.GetValue(rounds),
                new StepSettings { Seed = parsed.GetValue(seed) }),
            parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int count, int meanLength, int rounds, StepSettings settings)
    {
        Int8Option.Require("bench int8");
        using var scores = new LabelScores(name, count, meanLength, settings);
        var load = MachineLoad.Start();
        var pairs = Enumerable.Range(0, rounds).Select(_ => (Float: Round(scores, usesInt8: false), Int8: Round(scores, usesInt8: true))).ToArray();
        var result = scores.Describe();
        result["rounds"] = rounds;
        result["int8_kernel"] = ComputeChoice.Int8Kernel;
        result["milliseconds_per_example_float32"] = StepReport.Json(Spread.Of(pairs.Select(pair => pair.Float)));
        result["milliseconds_per_example_int8"] = StepReport.Json(Spread.Of(pairs.Select(pair => pair.Int8)));
        result["speed_up"] = Spread.Of(pairs.Select(pair => pair.Float / pair.Int8)).Median;
        Machine.Describe(result, load);
        return result;
    }

    private static double Round(LabelScores scores, bool usesInt8)
    {
        using var model = scores.Model.Variant(computation => computation with { Int8 = usesInt8 }); // quantizes the weights again
        scores.WarmUp(model);
        return scores.Measure(model).Wall;
    }
}
