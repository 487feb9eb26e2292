using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One self-attention layer with its norm and its skip connection.</summary>
internal sealed class SelfAttention
{
    private readonly RmsNorm _norm;
    private readonly Tensor _q, _k, _v; // [heads · size, H]
    private readonly Tensor _o; // [H, heads · size]
    private readonly int _headCount;

    internal SelfAttention(T5Config config, WeightScope layer)
    {
        _norm = new RmsNorm(layer["layer_norm.weight"], config.NormEpsilon);
        var attention = layer.In("SelfAttention");
        (_q, _k, _v, _o) = (attention["q.weight"], attention["k.weight"], attention["v.weight"], attention["o.weight"]);
        _headCount = config.HeadCount;
    }

    /// <summary>Attends within each row.</summary>
    /// <param name="x">[B, N, H]</param>
    /// <param name="bias">Position bias and mask, broadcasts to [B, heads, N, keys].</param>
    /// <param name="dropout">Dropout, or null.</param>
    /// <param name="cache">Keys and values of earlier positions, which this call extends, or null.</param>
    internal Tensor Forward(Tensor x, Tensor bias, Dropout? dropout, KeyValueCache? cache = null)
    {
        var normed = _norm.Forward(x);
        var q = Heads.Split(linear(normed, _q), _headCount);
        var k = Heads.Split(linear(normed, _k), _headCount);
        var v = Heads.Split(linear(normed, _v), _headCount);
        if (cache is not null)
            (k, v) = cache.Append(k, v);
        var mixed = Heads.Merge(Heads.Attend(q, k, v, bias, dropout)); // [B, N, heads · size]
        return x + Dropout.Apply(dropout, linear(mixed, _o));
    }
}
