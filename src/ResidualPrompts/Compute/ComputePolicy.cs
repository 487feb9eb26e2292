namespace ResidualPrompts.Compute;

/// <summary>Who computes a T5's operations: libtorch, or the managed kernels of this library. Results are the same to rounding.</summary>
public enum ComputePolicy
{
    /// <summary>Whoever is faster on this processor: the managed kernels where it has AVX2 and is not Intel's, else libtorch.</summary>
    Auto,

    /// <summary>libtorch, on every processor.</summary>
    LibTorch,

    /// <summary>
    /// The managed kernels, on every processor with AVX2; on another one loading fails. They take products with frozen float32 weights, the encoder's
    /// self-attention, and cross-attention that absorbs projections; libtorch computes the rest.
    /// </summary>
    Managed,
}
