using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Compute;

/// <summary>Multi-head attention with libtorch.</summary>
internal static class LibTorchAttention
{
    private const int CachedWeights = 1 << 18; // of as many examples as are computed at a time, a megabyte

    /// <summary>[B, N, heads · size] → [B, heads, N, size].</summary>
    internal static Tensor SplitHeads(Tensor x, int headCount) => x.view(x.shape[0], x.shape[1], headCount, -1).transpose(1, 2);

    /// <summary>[B, heads, N, size] → [B, N, heads · size].</summary>
    internal static Tensor MergeHeads(Tensor x) => x.transpose(1, 2).flatten(2);

    /// <summary>
    /// softmax(Q Kᵀ / √size + bias) V. Unlike T5, libtorch divides by the square root of the head size, so queries come multiplied by it.
    /// </summary>
    /// <param name="q">[B, heads, queries, size], times √size.</param>
    /// <param name="k">[B, heads, keys, size]</param>
    /// <param name="v">[B, heads, keys, size]</param>
    /// <param name="bias">Added to the logits; minus infinity where a key is hidden. Broadcasts to [B, heads, queries, keys].</param>
    /// <param name="examples">Indices of the examples in the batch.</param>
    /// <param name="mask">Dropout mask of attention weights, or null.</param>
    internal static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? bias, int[] examples, RowMask? mask)
    {
        if (mask is null)
            return scaled_dot_product_attention(q, k, v, bias);
        // A few examples at a time: their weights [examples, heads, queries, keys] stay in the processor's cache from one operation to the next.
        var atOnce = (int)Math.Clamp(CachedWeights / (q.shape[1] * q.shape[2] * k.shape[2]), 1, examples.Length);
        if (atOnce == examples.Length)
            return AttendWithDropout(q, k, v, bias, examples, mask);
        return cat([.. examples.Chunk(atOnce).Select((chunk, i) =>
        {
            Tensor Part(Tensor x) => x.shape[0] == 1 ? x : x.narrow(0, i * atOnce, chunk.Length);
            return AttendWithDropout(Part(q), Part(k), Part(v), bias is null ? null : Part(bias), chunk, mask);
        })], 0);
    }

    private static Tensor AttendWithDropout(Tensor q, Tensor k, Tensor v, Tensor? bias, int[] examples, RowMask mask)
    {
        var scale = 1 / Math.Sqrt(q.shape[^1]);
        var logits = q.matmul(k.transpose(-1, -2)); // [examples, heads, queries, keys]
        logits = bias is null ? logits.mul_(scale) : bias.add(logits, alpha: scale);
        return mask.Drop(softmax(logits, -1, ScalarType.Float32).to_type(v.dtype), examples).matmul(v);
    }

    /// <summary>Attends to projected keys and values of all examples: [B, N, heads, size] → [B · N, heads · size].</summary>
    internal static Tensor AttendAcross(Tensor q, Tensor keys, Tensor values, Tensor? bias, RowMask? mask)
    {
        int[] examples = [.. Enumerable.Range(0, (int)q.shape[0])];
        return MergeHeads(Attend(q.transpose(1, 2) * Math.Sqrt(q.shape[^1]), keys, values, bias, examples, mask)).flatten(0, 1);
    }

    /// <summary>
    /// As above, but without keys and values: (q Wk) Xᵀ instead of q (X Wkᵀ)ᵀ, and (A X) Wvᵀ instead of A (X Wvᵀ). A decoder has few queries and
    /// an encoder many states; this avoids a matrix product with every state.
    /// </summary>
    /// <param name="q">[B, N, heads, size]</param>
    /// <param name="states">X, [B, S, H]</param>
    /// <param name="k">Wk, [heads · size, H]</param>
    /// <param name="v">Wv, the same shape.</param>
    /// <param name="bias">Hides padded states, [B, 1, 1, S], or null.</param>
    /// <param name="mask">Dropout mask of attention weights, or null.</param>
    /// <returns>[B · N, heads · size]</returns>
    internal static Tensor Absorb(Tensor q, Tensor states, Tensor k, Tensor v, Tensor? bias, RowMask? mask)
    {
        var (count, width, headCount, headSize, hidden) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3], states.shape[2]);
        var perHead = q.permute(2, 0, 1, 3).reshape(headCount, count * width, headSize);
        var queries = bmm(perHead, k.view(headCount, headSize, hidden)); // [heads, B · N, H]
        queries = queries.view(headCount, count, width, hidden).transpose(0, 1).reshape(count, headCount * width, hidden);
        var logits = bmm(queries, states.transpose(1, 2)); // [B, heads · N, S]
        if (bias is not null)
            logits.add_(bias.squeeze(1));
        var weights = softmax(logits, -1, ScalarType.Float32).to_type(states.dtype);
        if (mask is not null)
            weights = mask.Drop(weights.view(count, headCount, width, -1), [.. Enumerable.Range(0, (int)count)]).flatten(1, 2);
        var mixed = bmm(weights, states).view(count, headCount, width, hidden).transpose(0, 1).reshape(headCount, count * width, hidden);
        return bmm(mixed, v.view(headCount, headSize, hidden).transpose(1, 2)).transpose(0, 1).flatten(1); // [B · N, heads · size]
    }
}
