using ResidualPrompts.Compute;

namespace ResidualPrompts.Testing;

/// <summary>Ways of computing that are tested everywhere, whatever this machine would choose.</summary>
public enum Computing
{
    /// <summary>libtorch alone.</summary>
    LibTorch,

    /// <summary>The managed kernels for everything that they support.</summary>
    Managed,

    /// <summary>Products by libtorch; norms and attention by the managed kernels.</summary>
    Mixed,
}

/// <summary>The kernels of each way.</summary>
internal static class ComputingKernels
{
    internal const string Reason = "the managed kernels need a processor with AVX2";

    /// <summary>Whether this processor can compute so.</summary>
    internal static bool IsPossible(this Computing computing) => computing == Computing.LibTorch || ComputeChoice.CanBeManaged;

    internal static OperationKernels Kernels(this Computing computing) => computing switch
    {
        Computing.LibTorch => ComputeChoice.Kernels(ComputePolicy.LibTorch),
        Computing.Managed => ComputeChoice.Kernels(ComputePolicy.Managed),
        _ => ComputeChoice.Make(ComputePolicy.Auto, "test", Operations.All & ~Operations.Products),
    };
}
