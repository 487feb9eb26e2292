using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One feed-forward layer with its norm and its skip connection.</summary>
internal sealed class FeedForward
{
    private readonly RmsNorm _norm;
    private readonly FeedForwardKind _kind;
    private readonly Tensor _in; // [ff, H]
    private readonly Tensor? _gate; // [ff, H]
    private readonly Tensor _out; // [H, ff]

    internal FeedForward(T5Config config, WeightScope layer)
    {
        _norm = new RmsNorm(layer["layer_norm.weight"], config.NormEpsilon);
        _kind = config.FeedForward;
        var dense = layer.In("DenseReluDense");
        _in = dense[_kind == FeedForwardKind.GatedGelu ? "wi_0.weight" : "wi.weight"];
        _gate = _kind == FeedForwardKind.GatedGelu ? dense["wi_1.weight"] : null;
        _out = dense["wo.weight"];
    }

    internal Tensor Forward(Tensor x, Dropout? dropout) // [..., H] → [..., H]
    {
        var normed = _norm.Forward(x);
        var inner = linear(normed, _in); // [..., ff]
        inner = _gate is null ? relu(inner) : GeluTanh(inner) * linear(normed, _gate);
        return x + Dropout.Apply(dropout, linear(Dropout.Apply(dropout, inner), _out));
    }

    /// <summary>gelu in its tanh form, which T5 1.1 was trained with (Hendrycks and Gimpel 2016, arXiv 1606.08415, section 2).</summary>
    private static Tensor GeluTanh(Tensor x)
    {
        var cubic = x + (0.044715 * x.pow(3));
        return 0.5 * x * (1 + tanh(Math.Sqrt(2 / Math.PI) * cubic));
    }
}
