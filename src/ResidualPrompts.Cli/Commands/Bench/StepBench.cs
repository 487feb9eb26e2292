using System.CommandLine;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench step</c>: compares training steps with the machine's raw matrix products, measured immediately before each step.</summary>
internal static class StepBench
{
    private const int DefaultLength = 256;
    private const int LongestInput = 512; // tokens of a text and its prompt, as in training

    private sealed record Settings(
        string Model, StepSettings Step, int? Length, string? Task, string? Data, string? Tokenizer, int TargetLength, int WarmUp,
        int Steps, string? Json);

    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var batch = BenchOptions.Batch();
        var length = new Option<int?>("--length")
        {
            Description = $"Text tokens of every example, with random ids; positions are text plus prompt tokens. Default: {DefaultLength}.",
            HelpName = "TOKENS",
        };
        var task = new Option<string?>("--task")
        {
            Description = "Use real text instead: shuffled training rows of a built-in task.",
            HelpName = "NAME",
        };
        var data = new Option<string?>("--data") { Description = "With --task: the data to use. Default: the bundled data.", HelpName = "DIR|FILE" };
        var tokenizer = new Option<string?>("--tokenizer")
        {
            Description = "With --task: a folder with a tokenizer to use instead of the model's.",
            HelpName = "DIR",
        };
        var promptLength = BenchOptions.Number("--prompt-length", 10, "Virtual tokens.");
        var targetLength = BenchOptions.Number("--target-length", 3, "With --length: target tokens of every example.", "TOKENS");
        var mode = BenchOptions.Mode();
        var method = new Option<string>("--method")
        {
            Description = "What is trained: prompt, or full (all weights, no prompt).",
            HelpName = "WHAT",
            DefaultValueFactory = _ => "prompt",
        };
        method.OnlyFrom("prompt", "full");
        var dropout = new Option<double>("--dropout")
        {
            Description = "Dropout rate of the backbone; train uses the model's own.",
            HelpName = "FRACTION",
            DefaultValueFactory = _ => 0,
        };
        var checkpointing = new Option<bool>("--gradient-checkpointing")
        {
            Description = "Recompute the encoder's blocks in the backward pass: less memory, more time.",
        };
        var warmUp = BenchOptions.Number("--warm-up", 2, "Steps before the measured ones.", least: 0);
        var (steps, seed, json) = (BenchOptions.Steps(), BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("step", "Measure training steps: milliseconds, GFLOPS, the fraction of raw matrix products, memory.")
        {
            model, batch, length, task, data, tokenizer, promptLength, targetLength, mode, method, dropout, checkpointing, warmUp, steps,
            seed, json,
        };
        command.SetAction(parsed => Run(new Settings(
            parsed.GetValue(model)!,
            new StepSettings
            {
                Mode = BenchOptions.Read(parsed.GetValue(mode)),
                TrainsWeights = parsed.GetValue(method) == "full",
                BatchSize = parsed.GetValue(batch),
                PromptLength = parsed.GetValue(promptLength),
                Dropout = parsed.GetValue(dropout),
                GradientCheckpointing = parsed.GetValue(checkpointing),
                Seed = parsed.GetValue(seed),
            },
            parsed.GetValue(length), parsed.GetValue(task), parsed.GetValue(data), parsed.GetValue(tokenizer),
            parsed.GetValue(targetLength), parsed.GetValue(warmUp), parsed.GetValue(steps), parsed.GetValue(json))));
        return command;
    }

    private static void Run(Settings settings)
    {
        Check(settings);
        using var model = LoadedBackbone.Open(settings.Model, settings.Step);
        using var loop = new StepLoop(model.Model, settings.Step, Examples(settings, model.Backbone));
        for (var i = 0; i < settings.WarmUp; i++)
            _ = loop.Next();
        var load = MachineLoad.Start();
        MeasuredStep[] steps = [.. Enumerable.Range(0, settings.Steps).Select(_ => loop.NextAgainstRaw())];
        var result = StepReport.Make(settings.Model, settings.Step, steps);
        result["peak_rss_mb"] = Math.Round(Machine.PeakMegabytes(), 1);
        Machine.Describe(result, load);
        ResultPrinter.Print(result, settings.Json);
    }

    private static void Check(Settings settings)
    {
        if (settings.Task is not null && settings.Length is not null)
            throw new UsageException($"--length and --task exclude each other: ids are either random or from real text.");
        if (settings.Task is null && (settings.Data ?? settings.Tokenizer) is not null)
            throw new UsageException($"--data and --tokenizer require --task, which is not given.");
        if (settings.Length is { } length && length is < 1 or > 1 << 20)
            throw new UsageException($"--length is {length}, expected at least 1 token.");
        if (settings.Step.Dropout is not (>= 0 and < 1))
            throw new UsageException($"--dropout is {settings.Step.Dropout}, expected a fraction from 0 to below 1.");
    }

    private static List<EncodedExample> Examples(Settings settings, Backbone backbone)
    {
        var count = settings.Step.BatchSize * (settings.WarmUp + settings.Steps);
        if (settings.Task is null)
            return StepExamples.Random(backbone.Model.Config, [settings.Length ?? DefaultLength], settings.TargetLength, count, settings.Step.Seed);
        var tokenizer = settings.Tokenizer is { } folder ? T5Tokenizer.Load(BundledModels.Locate(folder)) : backbone.Tokenizer;
        return StepExamples.OfTask(
            settings.Task, settings.Data, tokenizer, LongestInput - settings.Step.VirtualTokenCount,
            ids => backbone.Problem(ids), count, settings.Step.Seed);
    }
}
