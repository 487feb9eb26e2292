using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench contention</c>: measures steps while another process keeps one core busy.</summary>
internal static class ContentionBench
{
    private const int WarmUpSteps = 2;
    private const string LongestSeconds = "600"; // the other process ends by itself if this one is killed

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var length = BenchOptions.Length();
        var (steps, seed, json) = (BenchOptions.Steps(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("contention", "Measure steps on the quiet machine, then while another process keeps one core busy.")
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
        var examples = StepExamples.Random(model.Model.Config, [length], targetLength: 3, (WarmUpSteps + (2 * steps)) * settings.BatchSize,
            settings.Seed);
        using var loop = new StepLoop(model.Model, settings, examples);
        for (var i = 0; i < WarmUpSteps; i++)
            _ = loop.Next();
        Spread Steps() => Spread.Of(Enumerable.Range(0, steps).Select(_ => loop.Next().Milliseconds));
        var load = MachineLoad.Start();
        var alone = Steps();
        var result = new JsonObject
        {
            ["model"] = name,
            ["positions"] = length + settings.PromptLength,
            ["steps"] = steps,
            ["milliseconds_alone"] = StepReport.Json(alone),
        };
        Machine.Describe(result, load); // of the first half only, because the second half makes the machine busy
        using var other = OwnProgram.Start(["bench", BusyCommand.Name, "--seconds", LongestSeconds]);
        try
        {
            var contended = Steps();
            result["milliseconds_contended"] = StepReport.Json(contended);
            result["contended_by_alone"] = contended.Median / alone.Median;
        }
        finally
        {
            other.Kill();
        }

        return result;
    }
}
