using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>Bias and mask of every query and key, for self-attention with libtorch. Examples with equally many rows are computed together.</summary>
/// <param name="spans">The examples; those with equally many rows are adjacent.</param>
/// <param name="biases">One bias per row count; broadcasts to [examples, heads, queries, keys].</param>
/// <param name="headCount">Heads.</param>
/// <param name="headSize">Elements of a head.</param>
internal sealed class LibTorchBias(AttentionSpan[] spans, Tensor[] biases, int headCount, int headSize) : PreparedBias
{
    private readonly AttentionSpan[][] _groups = Groups(spans);

    /// <summary>See <see cref="TensorOps.PrepareBias(Tensor, Tensor, AttentionSpan[], int, bool)"/>.</summary>
    internal static LibTorchBias Of(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize)
    {
        var widest = Window(table, buckets);
        return new LibTorchBias(spans, [.. Groups(spans).Select(group =>
        {
            var width = group[0].QueryCount;
            var part = widest.narrow(2, 0, width).narrow(3, 0, width).contiguous();
            return PaddingMask.Of([.. group.Select(span => span.KeyCount)], width, part.device, part.dtype) is { } mask ? part + mask : part;
        })], (int)table.shape[1], headSize);
    }

    /// <summary>Bias of every query and key of one sequence, [1, heads, width, width]: a window slides over the distances.</summary>
    /// <param name="table">[buckets, heads]</param>
    /// <param name="buckets">i64[2 · width − 1]</param>
    internal static Tensor Window(Tensor table, Tensor buckets) =>
        ByDistance(table, buckets).unfold(1, (buckets.shape[0] + 1) / 2, 1).flip(1).unsqueeze(0);

    internal override Tensor Attend(Tensor projected, RowMask? mask, KeyValueCache? cache)
    {
        var rowCounts = _groups.Select(group => (long)group.Length * group[0].QueryCount).ToArray();
        var rowsOfGroups = _groups.Length == 1 ? [projected] : projected.split(rowCounts, 0);
        Tensor[] mixed = [.. _groups.Zip(rowsOfGroups, biases).Select(group =>
        {
            var (examples, rows, bias) = (group.First, group.Second, group.Third);
            var byPart = rows.view(examples.Length, examples[0].QueryCount, 3, headCount, headSize).permute(2, 0, 3, 1, 4);
            var parts = byPart.unbind(0); // [examples, heads, width, size]
            var (k, v) = cache?.Append(parts[1], parts[2]) ?? (parts[1], parts[2]);
            var attended = LibTorchAttention.Attend(parts[0], k, v, bias, [.. examples.Select(span => span.Example)], mask);
            return LibTorchAttention.MergeHeads(attended).flatten(0, 1);
        })];
        return mixed.Length == 1 ? mixed[0] : cat(mixed, 0);
    }

    private static AttentionSpan[][] Groups(AttentionSpan[] spans)
    {
        var groups = new List<List<AttentionSpan>>();
        foreach (var span in spans)
        {
            if (groups.Count == 0 || groups[^1][0].QueryCount != span.QueryCount)
                groups.Add([]);
            groups[^1].Add(span);
        }

        return [.. groups.Select(group => group.ToArray())];
    }
}
