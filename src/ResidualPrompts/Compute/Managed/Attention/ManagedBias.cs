using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>A position bias by distance, for <see cref="ManagedAttention"/>.</summary>
internal sealed class ManagedBias : PreparedBias
{
    private readonly AttentionInput _input;

    /// <summary>Prepares the bias.</summary>
    /// <param name="table">float32[buckets, heads] on the CPU, without gradient.</param>
    /// <param name="buckets">i64[2 · width − 1]</param>
    /// <param name="spans">The examples.</param>
    /// <param name="headSize">Elements of a head.</param>
    internal ManagedBias(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize)
    {
        var byDistance = nn.functional.pad(ByDistance(table, buckets), [0, AttentionRow.MaxVectorSize]); // rows are read in whole vectors
        _input = new AttentionInput(spans, (int)table.shape[1], headSize, byDistance.data<float>().ToArray(), (int)(buckets.shape[0] + 1) / 2, null);
    }

    internal override Tensor Attend(Tensor projected, RowMask? mask, KeyValueCache? cache) => cache is null
        ? ManagedAttention.Attend(projected, _input with { Mask = mask })
        : throw new NotSupportedException("A bias by distance is for whole examples, not for generation token by token.");
}
