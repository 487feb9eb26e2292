using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>
/// T5's relative position bias: a learned number for each head and each bucket of the distance key − query, added to the attention logits. Near
/// distances have a bucket each; farther ones share buckets that grow logarithmically (Raffel et al. 2020, section 2.1).
/// </summary>
internal sealed class RelativePositionBias(Tensor weight, T5Config config, bool bidirectional)
{
    /// <summary>[buckets, heads]</summary>
    internal Tensor Weight => weight;

    /// <summary>Bucket of each distance from 1 − width to width − 1, i64[2 · width − 1].</summary>
    internal Tensor BucketsByDistance(int width) => Buckets(arange(-(width - 1), width, ScalarType.Int64, weight.device));

    /// <summary>Bias between the given positions, f32[1, heads, queries, keys].</summary>
    internal Tensor Forward(Tensor queryPositions, Tensor keyPositions) // i64[queries], i64[keys]
    {
        var distances = keyPositions.unsqueeze(0) - queryPositions.unsqueeze(1); // [queries, keys]
        var bias = weight.index_select(0, Buckets(distances.flatten())); // [queries · keys, heads]
        return bias.t().reshape(1, config.HeadCount, queryPositions.shape[0], keyPositions.shape[0]);
    }

    /// <summary>
    /// Bucket of each distance key − query, i64 of the same shape. Computed in float32 as in transformers, so that bucket edges agree.
    /// </summary>
    internal Tensor Buckets(Tensor distances)
    {
        long bucketCount = config.PositionBucketCount;
        var offset = zeros_like(distances);
        if (bidirectional)
        {
            bucketCount /= 2;
            offset = distances.gt(0).to_type(ScalarType.Int64) * bucketCount;
            distances = distances.abs();
        }
        else
        {
            distances = distances.neg().clamp_min(0); // a causal decoder only looks back
        }

        var exactCount = bucketCount / 2;
        var ratio = distances.clamp_min(1).to_type(ScalarType.Float32) / (double)exactCount;
        var scale = Math.Log((double)config.PositionMaxDistance / exactCount);
        var far = (ratio.log() / scale * (double)(bucketCount - exactCount)).to_type(ScalarType.Int64) + exactCount;
        return offset + where(distances.lt(exactCount), distances, far.clamp_max(bucketCount - 1));
    }
}
