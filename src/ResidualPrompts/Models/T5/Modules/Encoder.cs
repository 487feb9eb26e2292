using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The encoder: blocks of self-attention and feed-forward, one position bias for all, a final norm.</summary>
internal sealed class Encoder
{
    private readonly (SelfAttention Attention, FeedForward FeedForward)[] _blocks;
    private readonly RmsNorm _finalNorm;

    internal Encoder(T5Config config, WeightScope weights)
    {
        PositionBias = new RelativePositionBias(
            weights["block.0.layer.0.SelfAttention.relative_attention_bias.weight"], config, bidirectional: true);
        _blocks = [.. Enumerable.Range(0, config.EncoderLayerCount).Select(i => weights.In($"block.{i}.layer")).Select(layers =>
            (new SelfAttention(config, layers.In("0")), new FeedForward(config, layers.In("1"))))];
        _finalNorm = new RmsNorm(weights["final_layer_norm.weight"], config.NormEpsilon);
    }

    internal RelativePositionBias PositionBias { get; }

    /// <summary>Inputs [B, S, H] with the valid length of each row → states [B, S, H]; rows at padding mean nothing.</summary>
    /// <param name="x">Embedded inputs.</param>
    /// <param name="lengths">Valid rows of each example.</param>
    /// <param name="dropout">Dropout, or null.</param>
    /// <param name="trace">Receives the input of every block and of the final norm, or null.</param>
    internal Tensor Forward(Tensor x, ReadOnlySpan<int> lengths, Dropout? dropout, ICollection<Tensor>? trace)
    {
        var width = (int)x.shape[1];
        var bias = PositionBias.Forward(width); // [1, heads, S, S]
        if (PaddingMask.Of(lengths, width, x.device, x.dtype) is { } mask)
            bias += mask; // [B, heads, S, S]
        x = Dropout.Apply(dropout, x);
        trace?.Add(x);
        foreach (var (attention, feedForward) in _blocks)
        {
            x = feedForward.Forward(attention.Forward(x, bias, dropout), dropout);
            trace?.Add(x);
        }

        return Dropout.Apply(dropout, _finalNorm.Forward(x));
    }
}
