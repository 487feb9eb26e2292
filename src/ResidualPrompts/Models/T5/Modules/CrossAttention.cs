using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One layer of attention from the decoder to the encoder's states, with its norm and its skip connection; no position bias.</summary>
internal sealed class CrossAttention
{
    private readonly RmsNorm _norm;
    private readonly Tensor _q, _k, _v; // [heads · size, H]
    private readonly Tensor _o; // [H, heads · size]
    private readonly int _headCount;

    internal CrossAttention(T5Config config, WeightScope layer)
    {
        _norm = new RmsNorm(layer["layer_norm.weight"], config.NormEpsilon);
        var attention = layer.In("EncDecAttention");
        (_q, _k, _v, _o) = (attention["q.weight"], attention["k.weight"], attention["v.weight"], attention["o.weight"]);
        _headCount = config.HeadCount;
    }

    /// <summary>Keys and values of the encoder's states [B, S, H], each [B, heads, S, size]; computed once for a whole generation.</summary>
    internal (Tensor Keys, Tensor Values) Project(Tensor states) =>
        (Heads.Split(linear(states, _k), _headCount), Heads.Split(linear(states, _v), _headCount));

    /// <summary>Attends from [B, N, H] to the projected states.</summary>
    internal Tensor Forward(Tensor x, (Tensor Keys, Tensor Values) states, Tensor? mask, Dropout? dropout)
    {
        var q = Heads.Split(linear(_norm.Forward(x), _q), _headCount);
        var mixed = Heads.Merge(Heads.Attend(q, states.Keys, states.Values, mask, dropout)); // [B, N, heads · size]
        return x + Dropout.Apply(dropout, linear(mixed, _o));
    }
}
