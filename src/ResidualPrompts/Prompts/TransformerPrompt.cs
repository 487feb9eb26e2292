using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// A prompt whose rows pass through a small transformer encoder as one sequence (Vaswani et al. 2017, arXiv 1706.03762): post-norm layers,
/// ReLU, no positions, no final norm, as in PyTorch's <c>TransformerEncoder</c>.
/// </summary>
internal sealed class TransformerPrompt : ReparameterizedPrompt
{
    /// <summary>Number of layers, as in the original.</summary>
    public const int LayerCount = 2;

    /// <summary>Attention heads per layer, as in the original.</summary>
    public const int HeadCount = 2;

    private readonly TransformerLayer[] _layers;

    /// <summary>Creates a prompt from initial rows, which it takes ownership of, and a network with random weights.</summary>
    /// <param name="rows">f32[P, H] with at least one row; H must be a multiple of the heads.</param>
    /// <param name="feedForwardSize">Inner width of the feed-forward layers.</param>
    /// <param name="skip">Whether the rows are added to the network's output.</param>
    /// <param name="generator">Source of the random weights.</param>
    /// <exception cref="ArgumentException">H is not a multiple of the heads.</exception>
    public TransformerPrompt(Tensor rows, int feedForwardSize, bool skip, Generator generator)
        : base(rows, skip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(feedForwardSize, 1);
        if (HiddenSize % HeadCount != 0)
            throw new ArgumentException($"{HeadCount} heads need a hidden size that is a multiple of them, found {HiddenSize}.", nameof(rows));
        using var scope = NewDisposeScope();
        _layers = [.. Enumerable.Range(0, LayerCount).Select(_ => new TransformerLayer(HiddenSize, HeadCount, feedForwardSize, generator))];
        Own(_layers.SelectMany((layer, i) => layer.Parameters.Select(pair => KeyValuePair.Create($"module.layers.{i}.{pair.Key}", pair.Value))));
    }

    private protected override Tensor Reparameterize(Tensor rows, Func<Tensor, Tensor>? drop) =>
        Residual(rows, _layers.Aggregate(rows, (x, layer) => layer.Forward(x, drop)));
}
