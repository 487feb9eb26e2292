using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>What generation keeps between steps, with one entry per decoder layer.</summary>
internal sealed class DecoderCache(CrossAttentionStates[] cross, KeyValueCache[] self)
{
    /// <summary>The input of each layer's cross-attention.</summary>
    internal CrossAttentionStates[] Cross { get; } = cross;

    /// <summary>Keys and values of generated positions for each layer.</summary>
    internal KeyValueCache[] Self { get; } = self;

    /// <summary>All tensors that belong to the cache; the states belong to the caller.</summary>
    internal IEnumerable<Tensor> Tensors =>
        Cross.SelectMany(input => new[] { input.Keys, input.Values, input.Mask }).OfType<Tensor>()
            .Distinct<Tensor>(ReferenceEqualityComparer.Instance)
            .Concat(Self.SelectMany(layer => layer.Tensors));

    /// <summary>Positions generated so far.</summary>
    internal int Length { get; set; }
}
