using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One feed-forward layer with its norm and skip connection.</summary>
internal sealed class FeedForward
{
    private readonly RmsNorm _norm;
    private readonly Tensor _in; // [ff, H]
    private readonly Tensor? _gate; // [ff, H], gated gelu only
    private readonly Tensor _out; // [H, ff]
    private readonly TensorOps _ops;

    internal FeedForward(T5Config config, WeightScope layer, TensorOps ops)
    {
        _norm = new RmsNorm(layer.Find(WeightPreparation.Gain), config.NormEpsilon);
        var isGated = config.FeedForward == FeedForwardKind.GatedGelu;
        var dense = layer.In("DenseReluDense");
        _in = dense[isGated ? "wi_0.weight" : "wi.weight"];
        _gate = isGated ? dense["wi_1.weight"] : null;
        _out = dense["wo.weight"];
        _ops = ops;
    }

    internal Tensor Forward(Tensor x, SublayerDropout site) // [R, H] → [R, H]
    {
        using var scope = NewDisposeScope();
        var inner = _ops.NormedLinear(x, _norm.Gain, _norm.Epsilon, _gate is null ? [_in] : [_in, _gate]); // each [R, ff]
        var rows = _gate is null ? site.Relu(inner[0]) : site.DropInside(GeluTanh(inner[0]) * inner[1]);
        return site.AddTo(x, rows, _out, _ops).MoveToOuterDisposeScope();
    }

    /// <summary>The tanh form of gelu, with which T5 1.1 was trained (Hendrycks and Gimpel 2016, arXiv 1606.08415, section 2).</summary>
    private static Tensor GeluTanh(Tensor x)
    {
        var cubic = x + (0.044715 * x.pow(3));
        return 0.5 * x * (1 + tanh(Math.Sqrt(2 / Math.PI) * cubic));
    }
}
