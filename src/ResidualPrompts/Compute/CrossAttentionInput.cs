using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Compute;

/// <summary>The inputs of a batch's cross-attention besides queries, states and weights.</summary>
/// <param name="Lengths">Valid states of each example.</param>
/// <param name="Width">States of each example; the valid ones come first.</param>
/// <param name="QueryCount">Queries of each example.</param>
/// <param name="HeadCount">Heads.</param>
/// <param name="HeadSize">Elements of a head.</param>
/// <param name="HiddenSize">Elements of a state.</param>
/// <param name="Mask">Dropout mask of attention weights, or null.</param>
internal sealed record CrossAttentionInput(int[] Lengths, int Width, int QueryCount, int HeadCount, int HeadSize, int HiddenSize, RowMask? Mask)
{
    /// <summary>Queries of the batch.</summary>
    internal int RowCount => Lengths.Length * QueryCount;

    /// <summary>Elements of a query.</summary>
    internal int InnerSize => HeadCount * HeadSize;

    /// <summary>Elements of a wide query: its heads, each as wide as a state.</summary>
    internal int WideSize => HeadCount * HiddenSize;

    /// <summary>Whether every state is valid.</summary>
    internal bool IsPacked => Lengths.All(length => length == Width);
}
