using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One layer of attention from the decoder to the encoder's states, with its norm and skip connection. It has no position bias.</summary>
internal sealed class CrossAttention
{
    private readonly RmsNorm _norm;
    private readonly Tensor _q, _k, _v; // [heads · size, H]
    private readonly Tensor _o; // [H, heads · size]
    private readonly int _headCount;
    private readonly TensorOps _ops;

    internal CrossAttention(T5Config config, WeightScope layer, TensorOps ops)
    {
        _norm = new RmsNorm(layer.Find(WeightPreparation.Gain), config.NormEpsilon);
        var attention = layer.In("EncDecAttention");
        (_q, _k, _v, _o) = (attention["q.weight"], attention["k.weight"], attention["v.weight"], attention["o.weight"]);
        (_headCount, _ops) = (config.HeadCount, ops);
    }

    /// <summary>The states [B, S, H] with their keys and values.</summary>
    internal CrossAttentionStates Project(Tensor states, int[] lengths, Tensor? mask)
    {
        Tensor ByHead(Tensor weight) => LibTorchAttention.SplitHeads(_ops.Linear(states, weight), _headCount);
        return new CrossAttentionStates(states, lengths, ByHead(_k), ByHead(_v), mask);
    }

    /// <summary>Attends from rows [B · N, H] to the states.</summary>
    internal Tensor Forward(Tensor x, CrossAttentionStates attended, SublayerDropout site)
    {
        using var scope = NewDisposeScope();
        var q = _ops.NormedLinear(x, _norm.Gain, _norm.Epsilon, _q)[0]; // [B · N, heads · size]
        return site.AddTo(x, _ops.CrossAttention(q, attended, _k, _v, _headCount, site.WeightMask), _o, _ops).MoveToOuterDisposeScope();
    }
}
