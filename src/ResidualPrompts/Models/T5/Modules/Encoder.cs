using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The encoder: blocks of self-attention and feed-forward, position biases, and a final norm.</summary>
internal sealed class Encoder
{
    private const int InputPlace = 0;
    private const int FirstPlace = 1;
    private readonly (SelfAttention Attention, FeedForward FeedForward)[] _blocks;
    private readonly PositionBiases _biases;
    private readonly RmsNorm _finalNorm;
    private readonly TensorOps _ops;
    private readonly int _headSize;

    internal Encoder(T5Config config, WeightScope weights, TensorOps ops)
    {
        _biases = new PositionBiases(config, weights, config.EncoderLayerCount, bidirectional: true);
        _blocks = [.. Enumerable.Range(0, config.EncoderLayerCount).Select(i => weights.In($"block.{i}.layer")).Select(layers =>
            (new SelfAttention(config, layers.In("0"), ops), new FeedForward(config, layers.In("1"), ops)))];
        _finalNorm = new RmsNorm(weights["final_layer_norm.weight"], config.NormEpsilon);
        (_ops, _headSize) = (ops, config.HeadSize);
    }

    internal RelativePositionBias PositionBias => _biases.First;

    /// <summary>Encodes embedded rows to states [R, H] in the given layout; rows at padding are undefined.</summary>
    /// <param name="input">Embedded rows.</param>
    /// <param name="layout">The layout of the rows.</param>
    /// <param name="dropout">Dropout, or null.</param>
    /// <param name="trace">Receives the input of every block and of the final norm, or null.</param>
    internal Tensor Forward(EncoderInput input, RowLayout layout, Dropout? dropout, ICollection<Tensor>? trace)
    {
        var biases = Biases(layout, dropout);
        var x = First(input, layout, biases(0), dropout, trace);
        for (var i = 1; i < _blocks.Length; i++)
        {
            trace?.Add(x);
            x = Block(i, x, layout, biases(i), dropout);
        }

        trace?.Add(x);
        return Last(x, layout, dropout);
    }

    /// <summary>Encodes without a graph, which would keep everything inside the blocks. Instead the inputs of the blocks are kept.</summary>
    /// <returns>The states, and the inputs, [R, H], of all blocks but the first and of the final norm.</returns>
    internal (Tensor States, Tensor[] Kept) ForwardKeepingInputs(EncoderInput input, RowLayout layout, Dropout? dropout)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var biases = Biases(layout, dropout);
        var kept = new List<Tensor> { First(input, layout, biases(0), dropout, null) };
        for (var i = 1; i < _blocks.Length; i++)
            kept.Add(Block(i, kept[^1], layout, biases(i), dropout));
        foreach (var x in kept)
            x.MoveToOuterDisposeScope();
        return (Last(kept[^1], layout, dropout).MoveToOuterDisposeScope(), [.. kept]);
    }

    /// <summary>
    /// Propagates the gradient of the states to the trainable parameters (gradient checkpointing: Chen et al. 2016, arXiv 1604.06174). From the
    /// last block on, one block at a time is recomputed with a graph from its kept input.
    /// </summary>
    /// <param name="input">As in the forward pass.</param>
    /// <param name="layout">As in the forward pass.</param>
    /// <param name="dropout">As in the forward pass; the masks are the same.</param>
    /// <param name="kept">The inputs that the forward pass has kept.</param>
    /// <param name="gradient">Gradient of the states, [R, H].</param>
    internal void Backward(EncoderInput input, RowLayout layout, Dropout? dropout, Tensor[] kept, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        gradient = Pull(kept[^1], x => Last(x, layout, dropout), gradient);
        for (var i = _blocks.Length - 1; i > 0; i--)
        {
            // Biases may train: one graph per pass.
            gradient = Pull(kept[i - 1], x => Block(i, x, layout, Biases(layout, dropout)(i), dropout), gradient);
        }

        BackwardFailure.Backward(First(input, layout, Biases(layout, dropout)(0), dropout, null), gradient);
    }

    private static Tensor Pull(Tensor input, Func<Tensor, Tensor> of, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using (gradient)
        {
            var x = input.detach().requires_grad_(true);
            BackwardFailure.Backward(of(x), gradient);
            return x.grad!.MoveToOuterDisposeScope();
        }
    }

    /// <summary>The first block. Shared rows are projected once; rows that take no gradient are projected without a graph.</summary>
    private Tensor First(EncoderInput input, RowLayout layout, PreparedBias bias, Dropout? dropout, ICollection<Tensor>? trace)
    {
        input = input.Drop(dropout, InputPlace);
        var x = input.Assemble(layout, rows => rows); // [R, H]
        trace?.Add(x);
        return Block(0, x, _ => input.Assemble(layout, _blocks[0].Attention.Project), layout, bias, dropout);
    }

    private Tensor Block(int i, Tensor x, RowLayout layout, PreparedBias bias, Dropout? dropout) =>
        Block(i, x, _blocks[i].Attention.Project, layout, bias, dropout);

    private Tensor Block(int i, Tensor x, Func<Tensor, Tensor> project, RowLayout layout, PreparedBias bias, Dropout? dropout)
    {
        using var scope = NewDisposeScope(); // tensors that no gradient needs are freed at once, and the next block finds their memory warm
        var attended = _blocks[i].Attention.Forward(x, project(x), bias, new SublayerDropout(dropout, FirstPlace + (2 * i), layout));
        return _blocks[i].FeedForward.Forward(attended, new SublayerDropout(dropout, FirstPlace + (2 * i) + 1, layout)).MoveToOuterDisposeScope();
    }

    private Tensor Last(Tensor x, RowLayout layout, Dropout? dropout) =>
        new SublayerDropout(dropout, FirstPlace + (2 * _blocks.Length), layout).Drop(_finalNorm.Forward(x, _ops));

    private Func<int, PreparedBias> Biases(RowLayout layout, Dropout? dropout) => _biases.Prepare(
        bias => _ops.PrepareBias(bias.Weight, bias.BucketsByDistance(layout.Width), layout.Spans(), _headSize, hasDropout: dropout is not null));
}
