using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>The inputs of a batch's self-attention besides queries, keys and values.</summary>
/// <param name="Spans">The examples.</param>
/// <param name="HeadCount">Heads.</param>
/// <param name="HeadSize">Elements of a head.</param>
/// <param name="Bias">Added to the logits, [heads, 2 · width − 1 + <see cref="AttentionRow.MaxVectorSize"/>]; distance 0 is at width − 1.</param>
/// <param name="Width">Rows of the longest example.</param>
/// <param name="Mask">Dropout mask of attention weights, or null.</param>
internal sealed record AttentionInput(AttentionSpan[] Spans, int HeadCount, int HeadSize, float[] Bias, int Width, RowMask? Mask)
{
    /// <summary>Rows of a batch [R, 3 · heads · size] hold queries (times √size), keys and values side by side.</summary>
    internal int InnerSize => HeadCount * HeadSize;

    /// <summary>Whether every row of every example is a key.</summary>
    internal bool IsPacked => Spans.All(span => span.KeyCount == span.QueryCount);
}
