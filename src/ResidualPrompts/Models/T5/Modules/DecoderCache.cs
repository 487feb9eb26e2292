using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>What generation keeps from step to step; as many entries as the decoder has layers.</summary>
internal sealed class DecoderCache(CrossAttentionStates[] cross, KeyValueCache[] self)
{
    /// <summary>What each layer attends to.</summary>
    internal CrossAttentionStates[] Cross { get; } = cross;

    /// <summary>Keys and values of generated positions for each layer.</summary>
    internal KeyValueCache[] Self { get; } = self;

    /// <summary>Everything that was made for the cache; the states themselves are the caller's.</summary>
    internal IEnumerable<Tensor> Tensors =>
        Cross.SelectMany(input => new[] { input.Keys, input.Values, input.Mask }).OfType<Tensor>()
            .Distinct<Tensor>(ReferenceEqualityComparer.Instance)
            .Concat(Self.SelectMany(layer => layer.Tensors));

    /// <summary>Positions generated so far.</summary>
    internal int Length { get; set; }
}
