using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Backbones;

/// <summary>How a backbone computes; fixed when it is loaded.</summary>
public sealed record BackboneOptions
{
    /// <summary>
    /// Who computes. Default null: the policy of the process, which the environment variable RESIDUAL_PROMPTS_COMPUTE names (<c>auto</c>,
    /// <c>libtorch</c> or <c>managed</c>), or <see cref="ComputePolicy.Auto"/> where it is not set.
    /// </summary>
    public ComputePolicy? Compute { get; init; }

    /// <summary>How rows are laid out and whether weights are prepared. Default <see cref="ComputeMode.Packed"/>.</summary>
    public ComputeMode Mode { get; init; } = ComputeMode.Packed;

    /// <summary>
    /// Whether products with the layers' weights are computed in 8-bit integers while gradients are off: faster on processors with AVX-VNNI, and a
    /// little less exact (<see cref="T5Model.UsesInt8"/>). Default false. Only for a frozen model on a processor with AVX2, in a mode other than
    /// <see cref="ComputeMode.Straightforward"/>.
    /// </summary>
    public bool Int8 { get; init; }

    /// <summary>Whether a large frozen model's prepared weights come from the user's cache folder, which all processes share. Default true.</summary>
    public bool PreparedCache { get; init; } = true;

    /// <summary>What loads without options take; the command line sets it once, before anything is loaded.</summary>
    internal static BackboneOptions Default { get; set; } = new();

    internal T5Computation Computation => new() { Kernels = ComputeChoice.Kernels(Compute), Mode = Mode, Int8 = Int8 };
}
