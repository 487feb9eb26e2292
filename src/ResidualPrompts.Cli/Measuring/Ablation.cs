using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The effect of one optimization on the duration of a step.</summary>
/// <param name="Trick">The optimization that was disabled.</param>
/// <param name="With">Median milliseconds with it.</param>
/// <param name="Without">Median milliseconds without it.</param>
/// <param name="Share">Median over the pairs of (time without / time with) − 1.</param>
/// <param name="IsQuiet">Whether the machine was otherwise idle; null if unknown.</param>
internal sealed record AblationRow(string Trick, double With, double Without, double Share, bool? IsQuiet);

/// <summary>Disables the optimizations inside the model one at a time; steps with and without alternate in one process.</summary>
internal sealed class Ablation : IDisposable
{
    private const int TargetLength = 3;
    private readonly StepSettings _settings;
    private readonly LoadedBackbone _prepared;
    private readonly LoadedBackbone _unprepared;
    private readonly int _length;
    private readonly int _steps;

    internal Ablation(string folder, int length, int steps, long seed)
    {
        (_length, _steps, _settings) = (length, steps, new StepSettings { Seed = seed });
        _prepared = LoadedBackbone.Open(folder, _settings);
        _unprepared = LoadedBackbone.Open(folder, _settings with { Mode = ComputeMode.Straightforward });
    }

    internal IEnumerable<AblationRow> Rows()
    {
        var same = Examples([_length]);
        var ragged = Examples(RealLengths.All["boolq"]);
        if (ComputeChoice.Kernels(null).Managed != Operations.None)
            yield return Measure("own products and attention", same, _settings with { Compute = ComputePolicy.LibTorch }, _prepared);
        yield return Measure("absorbed cross-attention", same, WithoutShortcut(ComputeShortcuts.AbsorbedCrossAttention), _prepared);
        yield return Measure("first layer: prompt rows once, text rows without gradient", same,
            WithoutShortcut(ComputeShortcuts.SharedFirstLayer), _prepared);
        yield return Measure("prepared weights: gains and √size folded, one matrix for queries, keys and values", same, _settings, _unprepared);
        yield return Measure("packing, lengths of boolq", ragged, _settings with { Mode = ComputeMode.Padded }, _prepared);
        yield return Measure("all of these, lengths of boolq", ragged, _settings with { Mode = ComputeMode.Straightforward }, _unprepared);
    }

    public void Dispose()
    {
        _prepared.Dispose();
        _unprepared.Dispose();
    }

    private StepSettings WithoutShortcut(ComputeShortcuts shortcut) => _settings with { Shortcuts = ComputeShortcuts.All & ~shortcut };

    private List<EncodedExample> Examples(int[] lengths) =>
        StepExamples.Random(_prepared.Model.Config, lengths, TargetLength, PairedSteps.Needed(_steps) * _settings.BatchSize, _settings.Seed);

    private AblationRow Measure(string trick, List<EncodedExample> examples, StepSettings without, LoadedBackbone modelWithout)
    {
        using var with = new StepLoop(_prepared.Model, _settings, examples);
        using var reduced = new StepLoop(modelWithout.Model, without, examples);
        var load = MachineLoad.Start();
        var pairs = PairedSteps.Measure(with, reduced, _steps);
        return new AblationRow(
            trick,
            Spread.Of(pairs.Select(pair => pair.First.Milliseconds)).Median,
            Spread.Of(pairs.Select(pair => pair.Second.Milliseconds)).Median,
            Spread.Of(pairs.Select(pair => pair.Second.Milliseconds / pair.First.Milliseconds)).Median - 1,
            MachineLoad.IsQuiet(load.OfOthers()));
    }
}
