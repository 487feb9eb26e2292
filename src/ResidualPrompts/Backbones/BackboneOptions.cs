using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Backbones;

/// <summary>How a backbone computes. Fixed when it is loaded.</summary>
public sealed record BackboneOptions
{
    /// <summary>
    /// Who computes: libtorch or the managed kernels. Default null: the policy of the process, set by the environment variable
    /// RESIDUAL_PROMPTS_COMPUTE (<c>auto</c>, <c>libtorch</c> or <c>managed</c>), else <see cref="ComputePolicy.Auto"/>.
    /// </summary>
    public ComputePolicy? Compute { get; init; }

    /// <summary>How rows are laid out and whether weights are prepared. Default <see cref="ComputeMode.Packed"/>.</summary>
    public ComputeMode Mode { get; init; } = ComputeMode.Packed;

    /// <summary>
    /// Whether products with the layers' weights are computed in 8-bit integers while gradients are off. Faster on processors with AVX-VNNI, and
    /// slightly less exact (<see cref="T5Model.UsesInt8"/>). Default false. Requires a frozen model, a processor with AVX2, and a mode other than
    /// <see cref="ComputeMode.Straightforward"/>.
    /// </summary>
    public bool Int8 { get; init; }

    /// <summary>
    /// Whether prepared weights of a large frozen model come from the user's cache folder, which all processes share. Default true.
    /// </summary>
    public bool PreparedCache { get; init; } = true;

    /// <summary>Used by loads without options. The command line sets it once, before anything is loaded.</summary>
    internal static BackboneOptions Default { get; set; } = new();

    /// <summary>The choice of a run that is continued; it replaces that of the policy. Default null.</summary>
    internal OperationKernels? Recorded { get; init; }

    /// <summary>Why a calibration that <c>bench compute</c> saved is ignored; null where there is none, or a sound one.</summary>
    internal static string? CalibrationProblem => ComputeChoice.CalibrationProblem;

    internal T5Computation Computation => new() { Kernels = Recorded ?? ComputeChoice.Kernels(Compute), Mode = Mode, Int8 = Int8 };

    /// <summary>
    /// These options with the choice that a run's record names. Options that choose themselves, and a record that this processor cannot follow,
    /// leave them unchanged.
    /// </summary>
    /// <param name="recorded">The policy and, by the names of operations, who computed.</param>
    internal BackboneOptions Continuing(IReadOnlyDictionary<string, string> recorded) =>
        (Compute ?? ComputeChoice.OfProcess) == ComputePolicy.Auto ? this with { Recorded = ComputeChoice.Recorded(recorded) } : this;
}
