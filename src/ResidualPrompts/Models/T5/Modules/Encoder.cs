using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The encoder: blocks of self-attention and feed-forward, one position bias for all, a final norm.</summary>
internal sealed class Encoder
{
    private const int InputPlace = 0;
    private const int FirstPlace = 1;
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

    /// <summary>Embedded rows → states [R, H] as the layout has them; rows at padding mean nothing.</summary>
    /// <param name="input">Embedded rows.</param>
    /// <param name="layout">Where they go.</param>
    /// <param name="dropout">Dropout, or null.</param>
    /// <param name="trace">Receives the input of every block and of the final norm, or null.</param>
    internal Tensor Forward(EncoderInput input, RowLayout layout, Dropout? dropout, ICollection<Tensor>? trace)
    {
        input = input.Drop(dropout, InputPlace);
        var biases = Biases(layout);
        var x = input.Assemble(layout, rows => rows); // [R, H]
        var projected = input.Assemble(layout, _blocks[0].Attention.Project); // [R, 3 · heads · size]
        trace?.Add(x);
        for (var i = 0; i < _blocks.Length; i++)
        {
            var (attention, feedForward) = _blocks[i];
            x = attention.Forward(x, i == 0 ? projected : attention.Project(x), layout, biases, new DropSite(dropout, FirstPlace + (2 * i), layout));
            x = feedForward.Forward(x, new DropSite(dropout, FirstPlace + (2 * i) + 1, layout));
            trace?.Add(x);
        }

        return new DropSite(dropout, FirstPlace + (2 * _blocks.Length), layout).Drop(_finalNorm.Forward(x));
    }

    /// <summary>Position bias and padding mask of each group.</summary>
    private Tensor[] Biases(RowLayout layout)
    {
        var widest = PositionBias.Forward(layout.Width); // [1, heads, width, width]
        return [.. layout.Groups.Select(group =>
        {
            var bias = widest.narrow(2, 0, group.Width).narrow(3, 0, group.Width).contiguous();
            return layout.Mask(group, bias.device, bias.dtype) is { } mask ? bias + mask : bias;
        })];
    }
}
