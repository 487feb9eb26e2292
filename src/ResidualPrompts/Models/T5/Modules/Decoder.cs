using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The decoder: blocks of causal self-attention, cross-attention and feed-forward, and a final norm.</summary>
internal sealed class Decoder
{
    private const int FirstPlace = 1 << 16; // behind the encoder's
    private readonly (SelfAttention Attention, CrossAttention Cross, FeedForward FeedForward)[] _blocks;
    private readonly PositionBiases _biases;
    private readonly RmsNorm _finalNorm;
    private readonly T5Config _config;
    private readonly TensorOps _ops;

    internal Decoder(T5Config config, WeightScope weights, TensorOps ops)
    {
        (_config, _ops) = (config, ops);
        _biases = new PositionBiases(config, weights, config.DecoderLayerCount, bidirectional: false);
        _blocks = [.. Enumerable.Range(0, config.DecoderLayerCount).Select(i => weights.In($"block.{i}.layer")).Select(layers =>
            (
                new SelfAttention(config, layers.In("0"), ops),
                new CrossAttention(config, layers.In("1"), ops),
                new FeedForward(config, layers.In("2"), ops)))];
        _finalNorm = new RmsNorm(weights["final_layer_norm.weight"], config.NormEpsilon);
    }

    internal RelativePositionBias PositionBias => _biases.First;

    /// <summary>Embedded decoder inputs and encoder states [B, S, H] → decoder states [B · N, H].</summary>
    /// <param name="targets">Decoder inputs.</param>
    /// <param name="states">The encoder's states.</param>
    /// <param name="lengths">Valid states of each example.</param>
    /// <param name="dropout">Dropout, or null.</param>
    /// <param name="absorbs">Whether keys and values of the states may be absorbed.</param>
    /// <param name="trace">Receives the input of every block and of the final norm, or null.</param>
    internal Tensor Forward(
        DecoderTargets targets, Tensor states, ReadOnlySpan<int> lengths, Dropout? dropout, bool absorbs, ICollection<Tensor>? trace)
    {
        var (x, width) = (targets.Embedded, targets.Width);
        var layout = RowLayout.Padded([.. Enumerable.Repeat(width, lengths.Length)], width);
        var valid = lengths.ToArray();
        var mask = PaddingMask.Of(lengths, (int)states.shape[1], states.device, states.dtype);
        var biases = _biases.Prepare(bias => TensorOps.PrepareBias(
            bias.Forward(targets.Positions, targets.Positions) + targets.Mask, layout.Spans(), _config.HeadSize));
        var place = FirstPlace;
        SublayerDropout Next() => new(dropout, place++, layout);
        x = Next().Drop(x);
        trace?.Add(x);
        for (var i = 0; i < _blocks.Length; i++)
        {
            var (attention, cross, feedForward) = _blocks[i];
            x = attention.Forward(x, attention.Project(x), biases(i), Next());
            x = cross.Forward(x, Attended(cross, states, valid, mask, absorbs, width), Next());
            x = feedForward.Forward(x, Next());
            trace?.Add(x);
        }

        return Next().Drop(_finalNorm.Forward(x, _ops));
    }

    /// <summary>Prepares generation: the input of each layer's cross-attention, and an empty cache for each layer.</summary>
    internal DecoderCache Prepare(Tensor states, ReadOnlySpan<int> lengths, int capacity, bool absorbs)
    {
        long[] shape = [states.shape[0], _config.HeadCount, capacity, _config.HeadSize];
        Tensor Empty() => empty(shape, states.dtype, states.device);
        var valid = lengths.ToArray();
        var mask = PaddingMask.Of(lengths, (int)states.shape[1], states.device, states.dtype);
        return new DecoderCache(
            [.. _blocks.Select(block => Attended(block.Cross, states, valid, mask, absorbs, capacity))],
            [.. _blocks.Select(_ => new KeyValueCache(Empty(), Empty()))]);
    }

    /// <summary>Computes one new position of each example, [B, H] → its state [B, H], and extends the cache.</summary>
    internal Tensor Step(Tensor x, DecoderCache cache)
    {
        var device = x.device;
        var layout = RowLayout.Padded([.. Enumerable.Repeat(1, (int)x.shape[0])], 1);
        var site = new SublayerDropout(null, 0, layout);
        var (query, keys) = (tensor(new[] { (long)cache.Length }, device: device), arange(cache.Length + 1, ScalarType.Int64, device));
        var biases = _biases.Prepare(bias => TensorOps.PrepareBias(bias.Forward(query, keys), layout.Spans(), _config.HeadSize));
        for (var i = 0; i < _blocks.Length; i++)
        {
            var (attention, cross, feedForward) = _blocks[i];
            x = attention.Forward(x, attention.Project(x), biases(i), site, cache.Self[i]);
            x = feedForward.Forward(cross.Forward(x, cache.Cross[i], site), site);
        }

        cache.Length++;
        return _finalNorm.Forward(x, _ops);
    }

    /// <summary>
    /// Absorbing costs 4 · heads · H multiplications per query and state; projecting costs 4 · heads · size · H per state for any number of
    /// queries. The costs are equal when there are as many queries as a head is wide. Half of that allows for the inefficiency of small products.
    /// </summary>
    private CrossAttentionStates Attended(CrossAttention cross, Tensor states, int[] lengths, Tensor? mask, bool absorbs, int queryCount) =>
        absorbs && 2 * queryCount <= _config.HeadSize
            ? new CrossAttentionStates(states, lengths, null, null, mask)
            : cross.Project(states, lengths, mask);
}

/// <summary>The inputs of a decoder with known targets.</summary>
/// <param name="Embedded">Embedded decoder inputs [B · N, H].</param>
/// <param name="Width">Positions of each example, N.</param>
/// <param name="Positions">Position of each of the N within its own sequence, i64[N].</param>
/// <param name="Mask">Causal mask [N, N].</param>
internal readonly record struct DecoderTargets(Tensor Embedded, int Width, Tensor Positions, Tensor Mask);
