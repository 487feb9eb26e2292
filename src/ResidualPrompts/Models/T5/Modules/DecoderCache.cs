using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>What generation keeps from step to step; as many entries as the decoder has layers.</summary>
internal sealed class DecoderCache((Tensor Keys, Tensor Values)[] cross, KeyValueCache[] self, Tensor? mask)
{
    /// <summary>Keys and values of the encoder's states for each layer, [B, heads, S, size].</summary>
    internal (Tensor Keys, Tensor Values)[] Cross { get; } = cross;

    /// <summary>Keys and values of generated positions for each layer.</summary>
    internal KeyValueCache[] Self { get; } = self;

    /// <summary>Hides padded states, [B, 1, 1, S], or null.</summary>
    internal Tensor? Mask { get; } = mask;

    /// <summary>Everything that the cache holds.</summary>
    internal IEnumerable<Tensor> Tensors =>
        [.. Cross.SelectMany(pair => new[] { pair.Keys, pair.Values }), .. Self.SelectMany(layer => layer.Tensors), .. Mask is null ? [] : new[] { Mask }];

    /// <summary>Positions generated so far.</summary>
    internal int Length { get; set; }
}
