using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>A position bias, prepared for the self-attention that will use it.</summary>
internal abstract class PreparedBias
{
    /// <summary>See <see cref="TensorOps.SelfAttention"/>.</summary>
    internal abstract Tensor Attend(Tensor projected, RowMask? mask, KeyValueCache? cache);

    /// <summary>Bias of each distance, [heads, 2 · width − 1].</summary>
    /// <param name="table">[buckets, heads]</param>
    /// <param name="buckets">i64[2 · width − 1]</param>
    private protected static Tensor ByDistance(Tensor table, Tensor buckets) => table.index_select(0, buckets).t().contiguous();
}
