using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>What a measured training step is.</summary>
internal sealed record StepSettings
{
    /// <summary>How the model computes.</summary>
    internal ComputeMode Mode { get; init; } = ComputeMode.Packed;

    /// <summary>Who computes; null = the process's policy.</summary>
    internal ComputePolicy? Compute { get; init; }

    /// <summary>What the model saves in its mode.</summary>
    internal ComputeShortcuts Shortcuts { get; init; } = ComputeShortcuts.All;

    /// <summary>Whether all weights train, without a prompt.</summary>
    internal bool TrainsWeights { get; init; }

    /// <summary>Examples of a batch.</summary>
    internal int BatchSize { get; init; } = 8;

    /// <summary>Virtual tokens.</summary>
    internal int PromptLength { get; init; } = 10;

    /// <summary>Dropout rate of the backbone.</summary>
    internal double Dropout { get; init; }

    /// <summary>Whether the encoder's blocks are computed again for their gradients instead of being kept.</summary>
    internal bool GradientCheckpointing { get; init; }

    /// <summary>Rules start rows, data and dropout.</summary>
    internal long Seed { get; init; }

    /// <summary>Virtual tokens before each example.</summary>
    internal int VirtualTokenCount => TrainsWeights ? 0 : PromptLength;

    /// <summary>The mode as options and results call it.</summary>
    internal string ModeName => NameOf(Mode);

    internal static string NameOf(ComputeMode mode) => mode.ToString().ToLowerInvariant();
}
