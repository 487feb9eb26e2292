using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The decoder: blocks of causal self-attention, cross-attention and feed-forward, and a final norm.</summary>
internal sealed class Decoder
{
    private readonly (SelfAttention Attention, CrossAttention Cross, FeedForward FeedForward)[] _blocks;
    private readonly RmsNorm _finalNorm;
    private readonly T5Config _config;

    internal Decoder(T5Config config, WeightScope weights)
    {
        _config = config;
        PositionBias = new RelativePositionBias(
            weights["block.0.layer.0.SelfAttention.relative_attention_bias.weight"], config, bidirectional: false);
        _blocks = [.. Enumerable.Range(0, config.DecoderLayerCount).Select(i => weights.In($"block.{i}.layer")).Select(layers =>
            (new SelfAttention(config, layers.In("0")), new CrossAttention(config, layers.In("1")), new FeedForward(config, layers.In("2"))))];
        _finalNorm = new RmsNorm(weights["final_layer_norm.weight"], config.NormEpsilon);
    }

    internal RelativePositionBias PositionBias { get; }

    /// <summary>Embedded decoder inputs [B, N, H] and encoder states [B, S, H] → decoder states [B, N, H].</summary>
    /// <param name="x">Embedded decoder inputs.</param>
    /// <param name="selfBias">Position bias and causal mask, broadcasts to [B, heads, N, N].</param>
    /// <param name="states">The encoder's states.</param>
    /// <param name="lengths">Valid states of each example.</param>
    /// <param name="dropout">Dropout, or null.</param>
    /// <param name="trace">Receives the input of every block and of the final norm, or null.</param>
    internal Tensor Forward(Tensor x, Tensor selfBias, Tensor states, ReadOnlySpan<int> lengths, Dropout? dropout, ICollection<Tensor>? trace)
    {
        var mask = PaddingMask.Of(lengths, (int)states.shape[1], states.device, states.dtype);
        x = Dropout.Apply(dropout, x);
        trace?.Add(x);
        foreach (var (attention, cross, feedForward) in _blocks)
        {
            x = attention.Forward(x, selfBias, dropout);
            x = cross.Forward(x, cross.Project(states), mask, dropout);
            x = feedForward.Forward(x, dropout);
            trace?.Add(x);
        }

        return Dropout.Apply(dropout, _finalNorm.Forward(x));
    }

    /// <summary>Prepares generation: cross-attention keys and values once, and an empty cache for each decoder layer.</summary>
    internal DecoderCache Prepare(Tensor states, ReadOnlySpan<int> lengths, int capacity)
    {
        long[] shape = [states.shape[0], _config.HeadCount, capacity, _config.HeadSize];
        Tensor Empty() => empty(shape, states.dtype, states.device);
        return new DecoderCache(
            [.. _blocks.Select(block => block.Cross.Project(states))],
            [.. _blocks.Select(_ => new KeyValueCache(Empty(), Empty()))],
            PaddingMask.Of(lengths, (int)states.shape[1], states.device, states.dtype));
    }

    /// <summary>One new position of each row [B, 1, H] → its state [B, 1, H]; extends the cache.</summary>
    internal Tensor Step(Tensor x, DecoderCache cache)
    {
        var device = x.device;
        var bias = PositionBias.Forward(tensor(new[] { (long)cache.Length }, device: device), arange(cache.Length + 1, ScalarType.Int64, device));
        for (var i = 0; i < _blocks.Length; i++)
        {
            var (attention, cross, feedForward) = _blocks[i];
            x = attention.Forward(x, bias, null, cache.Self[i]);
            x = feedForward.Forward(cross.Forward(x, cache.Cross[i], cache.Mask, null), null);
        }

        cache.Length++;
        return _finalNorm.Forward(x);
    }
}
