using ResidualPrompts.Compute;

namespace ResidualPrompts.Models.T5;

/// <summary>How a T5 computes. Fixed when it is loaded.</summary>
internal sealed record T5Computation
{
    /// <summary>The mode.</summary>
    internal ComputeMode Mode { get; init; } = ComputeMode.Packed;

    /// <summary>
    /// The kernels of each operation; default those of the process's policy. <see cref="ComputeMode.Straightforward"/> always uses libtorch.
    /// </summary>
    internal OperationKernels Kernels { get; init; } = ComputeChoice.Kernels(null);

    /// <summary>Whether products are computed in 8-bit integers while gradients are off.</summary>
    internal bool Int8 { get; init; }

    /// <summary>The shortcuts that the model takes in its mode.</summary>
    internal ComputeShortcuts Shortcuts { get; init; } = ComputeShortcuts.All;

    /// <summary>The kernels of each operation in the mode.</summary>
    internal OperationKernels KernelsOfMode => Mode == ComputeMode.Straightforward ? OperationKernels.LibTorch : Kernels;

    /// <summary>Whether a shortcut is taken.</summary>
    internal bool Takes(ComputeShortcuts shortcut) => Mode != ComputeMode.Straightforward && Shortcuts.HasFlag(shortcut);
}
