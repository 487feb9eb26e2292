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

    /// <summary>
    /// softmax(Q Kᵀ / √size + bias) V. T5 does not divide by the root of the head size, but libtorch does: queries come multiplied by it.
    /// </summary>
    /// <param name="q">[B, heads, queries, size], times √size.</param>
    /// <param name="k">[B, heads, keys, size]</param>
    /// <param name="v">[B, heads, keys, size]</param>
    /// <param name="bias">Added to the logits, minus infinity where a key is hidden; broadcasts to [B, heads, queries, keys].</param>
    /// <param name="examples">Places of the examples in the batch.</param>
    /// <param name="site">Drops attention weights.</param>
    internal static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? bias, int[] examples, SublayerDropout site)
    {
        if (!site.Drops)
            return scaled_dot_product_attention(q, k, v, bias);
        // One example at a time: its weights [heads, queries, keys] stay in the processor's cache from one operation to the next.
        var scale = 1 / Math.Sqrt(q.shape[^1]);
        return stack([.. examples.Select((example, i) =>
        {
            var logits = q[i].matmul(k[i].transpose(-1, -2)); // [heads, queries, keys]
            logits = bias is null ? logits.mul_(scale) : bias[bias.shape[0] == 1 ? 0 : i].add(logits, alpha: scale);
            return site.DropWeights(softmax(logits, -1, ScalarType.Float32).to_type(v.dtype), example).matmul(v[i]);
        })]);
    }
}
