using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>
/// Rewrites frozen weights once, so that every pass has less work. A norm's gain is multiplied into the columns of the matrices that follow it.
/// Queries, keys and values of self-attention come from one matrix, with the queries times √size (by which libtorch's attention divides). A model
/// with prepared weights differs from one with the checkpoint's weights only in its keys.
/// </summary>
internal static class WeightPreparation
{
    /// <summary>Key of a norm's gain in its layer; a prepared layer has none.</summary>
    internal const string Gain = "layer_norm.weight";

    /// <summary>Key of the matrix that replaces self-attention's three.</summary>
    internal const string Fused = "qkv.weight";

    /// <summary>Version of the result in file names; raise it when the result changes.</summary>
    internal const string Version = "1";

    private static readonly string[] Projections = ["q", "k", "v"];

    /// <summary>Shape of every prepared weight, in the order in which the model uses them.</summary>
    internal static IReadOnlyDictionary<string, long[]> Shapes(T5Config config)
    {
        var shapes = new Dictionary<string, long[]>();
        foreach (var (key, shape) in T5WeightNames.Shapes(config))
        {
            if (IsProjection(key, "q"))
                shapes.Add(FusedKey(key), [3 * shape[0], shape[1]]);
            else if (!key.EndsWith($".{Gain}", StringComparison.Ordinal) && !IsProjection(key, "k") && !IsProjection(key, "v"))
                shapes.Add(key, shape);
        }

        return shapes;
    }

    /// <summary>Computes one prepared weight; returns the original tensor where nothing changes.</summary>
    internal static Tensor Make(string key, IReadOnlyDictionary<string, Tensor> weights, T5Config config)
    {
        using var scope = NewDisposeScope();
        var sources = Sources(key).Select(source => weights[source]).ToArray();
        var weight = sources.Length == 1 ? sources[0] : Fuse(sources[0], sources[1], sources[2], config);
        return GainKey(key) is { } gain ? (weight * weights[gain]).MoveToOuterDisposeScope() : weight;
    }

    /// <summary>The weights that a prepared weight replaces, without gains.</summary>
    internal static IEnumerable<string> Sources(string key) =>
        key.EndsWith($".{Fused}", StringComparison.Ordinal) ? Projections.Select(projection => $"{key[..^Fused.Length]}{projection}.weight") : [key];

    /// <summary>All weights that a prepared weight is computed from.</summary>
    internal static IEnumerable<string> Inputs(string key) => GainKey(key) is { } gain ? Sources(key).Append(gain) : Sources(key);

    /// <summary>[q · √size; k; v], [3 · heads · size, H].</summary>
    internal static Tensor Fuse(Tensor q, Tensor k, Tensor v, T5Config config) => cat([q * Math.Sqrt(config.HeadSize), k, v], 0);

    /// <summary>The gain that is folded into a weight, or null.</summary>
    private static string? GainKey(string key)
    {
        var parts = key.Split('.'); // encoder.block.0.layer.1.DenseReluDense.wi.weight
        var isFolded = parts is [.., "SelfAttention", "qkv", _] or [.., "EncDecAttention", "q", _]
            or [.., "DenseReluDense", "wi" or "wi_0" or "wi_1", _];
        return isFolded ? $"{string.Join('.', parts[..^3])}.{Gain}" : null;
    }

    private static bool IsProjection(string key, string projection) => key.EndsWith($".SelfAttention.{projection}.weight", StringComparison.Ordinal);

    private static string FusedKey(string key) => $"{key[..^"q.weight".Length]}{Fused}";
}
