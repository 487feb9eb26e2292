using ResidualPrompts.Models.T5.Modules;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// An encoder pass that has kept only the inputs of its blocks, and recomputes each block for its gradient. A backward pass of the decoder gives
/// <see cref="States"/> their gradient; <see cref="Backward"/> propagates it to the trainable parameters.
/// </summary>
internal sealed class CheckpointedEncoding
{
    private readonly Encoder _encoder;
    private readonly EncoderInput _input;
    private readonly RowLayout _layout;
    private readonly Dropout? _dropout;
    private readonly Tensor _rows; // [R, H], takes the gradient of the states
    private readonly Tensor[] _kept;

    internal CheckpointedEncoding(Encoder encoder, EncoderInput input, RowLayout layout, Dropout? dropout)
    {
        (_encoder, _input, _layout, _dropout) = (encoder, input, layout, dropout);
        (_rows, _kept) = encoder.ForwardKeepingInputs(input, layout, dropout);
        _rows.requires_grad_(true);
        States = layout.Unpack(_rows, input.Lengths.Max());
    }

    /// <summary>States [B, longest, H].</summary>
    internal Tensor States { get; }

    /// <summary>Adds the gradients of all trainable parameters to the existing ones.</summary>
    internal void Backward() => _encoder.Backward(_input, _layout, _dropout, _kept, _rows.grad!);
}
