using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Settings of a measured training step.</summary>
internal sealed record StepSettings
{
    /// <summary>The model's compute mode.</summary>
    internal ComputeMode Mode { get; init; } = ComputeMode.Packed;

    /// <summary>The compute policy; null = the process's policy.</summary>
    internal ComputePolicy? Compute { get; init; }

    /// <summary>The shortcuts that the model takes in its mode.</summary>
    internal ComputeShortcuts Shortcuts { get; init; } = ComputeShortcuts.All;

    /// <summary>Whether all weights are trained, without a prompt.</summary>
    internal bool TrainsWeights { get; init; }

    /// <summary>Examples per batch.</summary>
    internal int BatchSize { get; init; } = 8;

    /// <summary>Virtual tokens of the prompt.</summary>
    internal int PromptLength { get; init; } = 10;

    /// <summary>Dropout rate of the backbone.</summary>
    internal double Dropout { get; init; }

    /// <summary>Whether activations of the encoder blocks are recomputed for the backward pass instead of being stored.</summary>
    internal bool GradientCheckpointing { get; init; }

    /// <summary>Seed of start rows, data and dropout.</summary>
    internal long Seed { get; init; }

    /// <summary>Virtual tokens before each example; 0 in full tuning.</summary>
    internal int VirtualTokenCount => TrainsWeights ? 0 : PromptLength;

    /// <summary>The mode's name in options and results.</summary>
    internal string ModeName => NameOf(Mode);

    internal static string NameOf(ComputeMode mode) => mode.ToString().ToLowerInvariant();
}
