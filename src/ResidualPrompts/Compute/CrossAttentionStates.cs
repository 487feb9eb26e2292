using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>The input that the decoder attends to in one layer: the encoder's states, or keys and values projected from them.</summary>
/// <param name="States">[B, S, H]</param>
/// <param name="Lengths">Valid states of each example.</param>
/// <param name="Keys">[B, heads, S, size], or null to absorb the projections.</param>
/// <param name="Values">[B, heads, S, size], or null.</param>
/// <param name="Mask">Hides padded states, [B, 1, 1, S], or null.</param>
internal sealed record CrossAttentionStates(Tensor States, int[] Lengths, Tensor? Keys, Tensor? Values, Tensor? Mask);
