using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>Kernels that compute the operations of <see cref="TensorOps"/> for the operands that they can take.</summary>
internal interface ITensorKernels
{
    /// <summary>What a run's record calls them, <c>managed-avx512</c>.</summary>
    string Name { get; }

    /// <summary>Whether they can multiply these operands.</summary>
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

    /// <summary><see cref="TensorOps.PrepareBias(Tensor, Tensor, AttentionSpan[], int)"/>; null where they cannot attend with such a bias.</summary>
    PreparedBias? PrepareBias(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize);

    /// <summary>Whether they can absorb these projections.</summary>
    /// <param name="states">What is attended to.</param>
    /// <param name="k">Projects keys.</param>
    /// <param name="v">Projects values.</param>
    /// <param name="wideCount">Elements of all queries, each head as wide as a state.</param>
    bool CanAbsorb(Tensor states, Tensor k, Tensor v, long wideCount);

    /// <summary>Cross-attention that absorbs the projections of keys and values, connected to queries and states.</summary>
    /// <param name="q">[B · queries, heads · size]</param>
    /// <param name="states">[B, width, H]</param>
    /// <param name="k">Projects keys, [heads · size, H].</param>
    /// <param name="v">Projects values, the same shape.</param>
    /// <param name="input">Sizes and mask.</param>
    /// <returns>[B · queries, heads · size]</returns>
    Tensor CrossAttention(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input);
}
