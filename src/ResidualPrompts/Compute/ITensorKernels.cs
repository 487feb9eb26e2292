using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>Kernels for the operations of <see cref="TensorOps"/>, for the operands that they support.</summary>
internal interface ITensorKernels
{
    /// <summary>Their name in a run's record, such as <c>managed-avx512</c>.</summary>
    string Name { get; }

    /// <summary>Whether the kernels support these operands.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    bool CanMultiply(Tensor x, Tensor weight);

    /// <summary>x · weightᵀ, connected to x.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="weight">[N, K]</param>
    /// <returns>[R, N]</returns>
    Tensor Linear(Tensor x, Tensor weight);

    /// <summary>norm(x) · weightᵀ with T5's norm without a gain, connected to x.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="epsilon">The norm's.</param>
    /// <param name="weight">[N, K]</param>
    /// <returns>[R, N]</returns>
    Tensor NormedLinear(Tensor x, double epsilon, Tensor weight);

    /// <summary>Whether the kernels support this operand of a norm.</summary>
    /// <param name="x">[..., K]</param>
    bool CanNormalize(Tensor x);

    /// <summary>T5's norm without a gain, connected to x.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>The shape of x.</returns>
    Tensor Norm(Tensor x, double epsilon);

    /// <summary>
    /// <see cref="TensorOps.PrepareBias(Tensor, Tensor, AttentionSpan[], int, bool)"/>; null when the kernels do not support such a bias.
    /// </summary>
    PreparedBias? PrepareBias(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize);

    /// <summary>Whether the kernels can absorb these projections.</summary>
    /// <param name="states">The states to attend to.</param>
    /// <param name="k">Projection of keys.</param>
    /// <param name="v">Projection of values.</param>
    /// <param name="wideCount">Elements of all wide queries: each head is as wide as a state.</param>
    bool CanAbsorb(Tensor states, Tensor k, Tensor v, long wideCount);

    /// <summary>Cross-attention that absorbs the projections of keys and values, connected to queries and states.</summary>
    /// <param name="q">[B · queries, heads · size]</param>
    /// <param name="states">[B, width, H]</param>
    /// <param name="k">Projection of keys, [heads · size, H].</param>
    /// <param name="v">Projection of values, the same shape.</param>
    /// <param name="input">Sizes and mask.</param>
    /// <returns>[B · queries, heads · size]</returns>
    Tensor CrossAttention(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input);
}
