namespace ResidualPrompts.Compute;

/// <summary>Who computes a T5's operations: libtorch, or the managed kernels of this library. Results are the same, to rounding.</summary>
public enum ComputePolicy
{
    /// <summary>For each operation the faster of the two on this processor, by a built-in table or a saved calibration.</summary>
    Auto,

    /// <summary>libtorch, on every processor.</summary>
    LibTorch,

    /// <summary>
    /// The managed kernels, on every processor with AVX2; loading fails on any other. They compute products with frozen float32 weights, norms,
    /// the encoder's self-attention, and cross-attention that absorbs projections. libtorch computes the rest.
    /// </summary>
    Managed,
}
