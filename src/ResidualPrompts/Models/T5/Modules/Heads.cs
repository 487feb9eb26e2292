using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>Multi-head attention over projected queries, keys and values.</summary>
internal static class Heads
{
    /// <summary>[B, N, heads · size] → [B, heads, N, size].</summary>
    internal static Tensor Split(Tensor x, int headCount) => x.view(x.shape[0], x.shape[1], headCount, -1).transpose(1, 2);

    /// <summary>[B, heads, N, size] → [B, N, heads · size].</summary>
    internal static Tensor Merge(Tensor x) => x.transpose(1, 2).flatten(2);

    /// <summary>softmax(Q Kᵀ + bias) V. T5 does not divide by the root of the head size.</summary>
    /// <param name="q">[B, heads, queries, size]</param>
    /// <param name="k">[B, heads, keys, size]</param>
    /// <param name="v">[B, heads, keys, size]</param>
    /// <param name="bias">Added to the logits, minus infinity where a key is hidden; broadcasts to [B, heads, queries, keys].</param>
    /// <param name="dropout">Drops attention weights, or null.</param>
    internal static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? bias, Dropout? dropout)
    {
        if (dropout is null)
            return scaled_dot_product_attention(q * Math.Sqrt(q.shape[^1]), k, v, bias); // undoes the scale that libtorch puts in
        var logits = q.matmul(k.transpose(-1, -2)); // [B, heads, queries, keys]
        var weights = softmax(bias is null ? logits : logits + bias, -1, ScalarType.Float32).to_type(v.dtype);
        return Dropout.Apply(dropout, weights).matmul(v);
    }
}
