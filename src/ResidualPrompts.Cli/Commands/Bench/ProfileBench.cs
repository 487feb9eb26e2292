using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Profiling;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench profile</c>: the share of each operation in a training step, and its rate against raw matrix products.</summary>
internal static class ProfileBench
{
    private const int WarmUpSteps = 2;
    private const int TargetLength = 3;

    internal static Command Create()
    {
        var (model, batch, length) = (BenchOptions.Model(), BenchOptions.Batch(), BenchOptions.Length());
        var promptLength = BenchOptions.Number("--prompt-length", 10, "Virtual tokens.");
        var dropout = new Option<double>("--dropout")
        {
            Description = "Dropout rate of the backbone; train uses the model's own. With it, relu and skip connections "
                + "count as dropout; masks of attention weights count as attention.",
            HelpName = "FRACTION",
            DefaultValueFactory = _ => 0,
        };
        var (steps, seed, json) = (BenchOptions.Steps(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command(
            "profile",
            "Measure the share of each operation in a training step, forward and backward, and its rate. A product is named by the sizes of its "
            + "weight, and contains a norm that the same kernel computes; the decoder is one part beside its cross-attention; 'other' is relu, "
            + "position biases, layout of rows, and loss. All must add up to the step's time within 3 %.")
        {
            model, batch, length, promptLength, dropout, steps, seed, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(model)!, parsed.GetValue(length), parsed.GetValue(steps), parsed.GetValue(json),
            new StepSettings
            {
                BatchSize = parsed.GetValue(batch),
                PromptLength = parsed.GetValue(promptLength),
                Dropout = parsed.GetValue(dropout),
                Seed = parsed.GetValue(seed),
            }));
        return command;
    }

    private static void Run(string name, int length, int steps, string? file, StepSettings settings)
    {
        if (settings.Dropout is not (>= 0 and < 1))
            throw new UsageException($"--dropout is {settings.Dropout}, expected a fraction from 0 to below 1.");
        using var model = LoadedBackbone.Open(name, settings);
        var config = model.Model.Config;
        using var loop = new StepLoop(
            model.Model, settings, StepExamples.Random(config, [length], TargetLength, settings.BatchSize * (WarmUpSteps + steps), settings.Seed));
        using var profiler = new StepProfiler();
        for (var i = 0; i < WarmUpSteps; i++)
            _ = StepProfiler.Next(loop);
        var load = MachineLoad.Start();
        ProfiledStep[] profiled = [.. Enumerable.Range(0, steps).Select(_ => StepProfiler.Next(loop))];
        var report = new ProfileReport(
            profiled, new StepFlops(config).EncoderAttention([.. Enumerable.Repeat(length + settings.PromptLength, settings.BatchSize)]));
        if (!report.AddsUp)
            throw new MeasurementException(
                $"The parts add up to {100 * report.SumOfShares:0} % of the step's time, expected {100 * ProfileReport.Tolerance:0} % around 100: "
                + "the profile is not to be believed. Measure again on a quiet machine.");
        var result = new JsonObject
        {
            ["model"] = name,
            ["batch"] = settings.BatchSize,
            ["positions"] = length + settings.PromptLength,
            ["dropout"] = settings.Dropout,
            ["steps"] = steps,
        };
        report.AddTo(result);
        Machine.Describe(result, load);
        if (file is not null)
            ReplacedFile.Write(file, result.ToJsonString() + "\n");
        Console.Write(report.ToTable());
        load.WarnUnlessQuiet();
    }
}
