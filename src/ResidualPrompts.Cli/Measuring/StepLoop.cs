using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>One training step.</summary>
/// <param name="Milliseconds">Its duration.</param>
/// <param name="RawGflops">The machine's rate immediately before the step, in 10⁹ operations per second; NaN if not measured.</param>
/// <param name="Flops">Its operations, see <see cref="StepFlops"/>.</param>
/// <param name="Rows">Positions of prompts and texts.</param>
/// <param name="PaddedRows">The same with all examples padded to the longest.</param>
/// <param name="Loss">Mean cross-entropy before the update.</param>
internal sealed record MeasuredStep(double Milliseconds, double RawGflops, double Flops, int Rows, int PaddedRows, double Loss)
{
    internal double Gflops => Flops / Milliseconds / 1e6;

    internal double FractionOfRaw => Gflops / RawGflops;
}

/// <summary>Runs the real training loop step by step, each step with a new batch.</summary>
internal sealed class StepLoop : IDisposable
{
    private const double LearningRate = 0.01; // small, so that the losses of different modes stay comparable over several steps
    private const double WeightDecay = 1e-5;
    private readonly T5Model _model;
    private readonly StepSettings _settings;
    private readonly IReadOnlyList<EncodedExample> _examples;
    private readonly SoftPrompt? _prompt;
    private readonly Optimizer _optimizer;
    private readonly TrainingState _state = new();
    private readonly IEnumerator<TrainingEvent> _events;
    private readonly StepFlops _flops;

    /// <summary>
    /// Prepares steps over examples; the last batch may be smaller. Steps of several loops over the same model's weights may alternate.
    /// </summary>
    internal StepLoop(T5Model model, StepSettings settings, IReadOnlyList<EncodedExample> examples)
    {
        (_settings, _examples) = (settings, examples);
        _model = model.Variant(
            own => own with { Mode = settings.Mode, Shortcuts = settings.Shortcuts, Kernels = ComputeChoice.Kernels(settings.Compute) });
        _prompt = settings.TrainsWeights ? null : StartPrompt.Of(_model, settings.PromptLength, settings.Seed);
        var trained = new TrainedParts(_model, _prompt, settings.TrainsWeights ? _ => true : null);
        _optimizer = new OriginalAdamW([new ParameterGroup(trained.Parameters, LearningRate)], WeightDecay);
        var training = new TrainingSettings
        {
            EpochCount = 1,
            BatchSize = settings.BatchSize,
            BackboneDropout = settings.Dropout,
            GradientCheckpointing = settings.GradientCheckpointing,
            Shuffle = false,
            Seed = settings.Seed,
        };
        _events = new Trainer(trained, _optimizer, training, examples, validate: null, _state).Run().GetEnumerator();
        _flops = new StepFlops(model.Config, settings.TrainsWeights);
    }

    /// <summary>Measures the machine's rate, then the next step.</summary>
    internal MeasuredStep NextAgainstRaw() => Next(RawGemm.MeasureGflops(seconds: 0));

    /// <summary>Measures the next step without the machine's rate.</summary>
    internal MeasuredStep Next() => Next(double.NaN);

    public void Dispose()
    {
        _events.Dispose();
        _state.Dispose();
        _optimizer.Dispose();
        _prompt?.Dispose();
        _model.Dispose();
    }

    private MeasuredStep Next(double raw)
    {
        var batch = _examples.Skip((int)_state.Step * _settings.BatchSize).Take(_settings.BatchSize).ToList();
        var rows = batch.Select(example => example.InputIds.Length + _settings.VirtualTokenCount).ToArray();
        var targets = batch.Select(example => example.TargetIds!.Length).ToArray();
        var flops = _settings.Mode == ComputeMode.Packed ? _flops.Of(rows, targets) : _flops.Of(Padded(rows), Padded(targets));
        if (!_events.MoveNext() || _events.Current is not StepCompleted step)
            throw new InvalidOperationException("All examples have been used.");
        return new MeasuredStep(step.DurationSeconds * 1000, raw, flops, rows.Sum(), Padded(rows).Sum(), step.Loss);
    }

    private static int[] Padded(int[] rows) => [.. Enumerable.Repeat(rows.Max(), rows.Length)];
}
