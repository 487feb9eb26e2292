using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One self-attention layer with its norm and skip connection.</summary>
internal sealed class SelfAttention
{
    private readonly RmsNorm _norm;
    private readonly Tensor? _prepared; // [3 · heads · size, H]: q times √size, k, v
    private readonly Tensor? _q, _k, _v; // [heads · size, H], when not prepared
    private readonly Tensor _o; // [H, heads · size]
    private readonly T5Config _config;
    private readonly TensorOps _ops;

    internal SelfAttention(T5Config config, WeightScope layer, TensorOps ops)
    {
        _norm = new RmsNorm(layer.Find(WeightPreparation.Gain), config.NormEpsilon);
        var attention = layer.In("SelfAttention");
        _prepared = attention.Find(WeightPreparation.Fused);
        (_q, _k, _v, _o) = (attention.Find("q.weight"), attention.Find("k.weight"), attention.Find("v.weight"), attention["o.weight"]);
        (_config, _ops) = (config, ops);
    }

    /// <summary>Projects rows [R, H] to queries (times √size), keys and values, side by side: [R, 3 · heads · size].</summary>
    internal Tensor Project(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var weight = _prepared ?? WeightPreparation.Fuse(_q!, _k!, _v!, _config);
        return _ops.NormedLinear(rows, _norm.Gain, _norm.Epsilon, weight)[0].MoveToOuterDisposeScope();
    }

    /// <summary>Attends within each example.</summary>
    /// <param name="x">[R, H]</param>
    /// <param name="projected">The result of <see cref="Project"/> for x.</param>
    /// <param name="bias">Position bias and mask.</param>
    /// <param name="site">Dropout.</param>
    /// <param name="cache">Keys and values of earlier positions, which this call extends; or null.</param>
    internal Tensor Forward(Tensor x, Tensor projected, PreparedBias bias, SublayerDropout site, KeyValueCache? cache = null)
    {
        using var scope = NewDisposeScope();
        return site.AddTo(x, TensorOps.SelfAttention(projected, bias, site.WeightMask, cache), _o, _ops).MoveToOuterDisposeScope();
    }
}
