using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// A prompt whose rows pass through a bidirectional LSTM as one sequence, H/2 in each direction, optionally followed by a head of two linear
/// layers. This is the prompt encoder of P-tuning (Liu et al. 2021, arXiv 2103.10385), here within the skip connection.
/// </summary>
internal sealed class LstmPrompt : ReparameterizedPrompt
{
    private readonly TorchSharp.Modules.LSTM _lstm;
    private readonly (Tensor Weight, Tensor Bias)[] _head; // [H, H], [H]

    /// <summary>Creates a prompt from initial rows, which it takes ownership of, and a network with random weights.</summary>
    /// <param name="rows">f32[P, H] with at least one row and an even H.</param>
    /// <param name="layerCount">Layers of the LSTM.</param>
    /// <param name="withHead">Whether Linear(H, H), ReLU, Linear(H, H) follow.</param>
    /// <param name="skip">Whether the rows are added to the network's output.</param>
    /// <param name="generator">Source of the random weights.</param>
    /// <exception cref="ArgumentException">H is odd.</exception>
    public LstmPrompt(Tensor rows, int layerCount, bool withHead, bool skip, Generator generator)
        : base(rows, skip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layerCount, 1);
        var (hiddenSize, half) = (HiddenSize, HiddenSize / 2);
        if (hiddenSize % 2 != 0)
            throw new ArgumentException($"An LSTM of two directions needs an even hidden size, found {hiddenSize}.", nameof(rows));
        using var scope = NewDisposeScope();
        _lstm = nn.LSTM(hiddenSize, half, layerCount, bidirectional: true);
        var parameters = _lstm.named_parameters().Select(pair => KeyValuePair.Create($"lstm_head.{pair.name}", (Tensor)pair.parameter)).ToArray();
        using (no_grad())
        {
            foreach (var (_, parameter) in parameters)
                parameter.copy_(NetworkInitialization.Default(parameter.shape, half, generator)).requires_grad_(false); // the trainer enables them
        }

        (Tensor, Tensor) Linear() =>
            (NetworkInitialization.Default([hiddenSize, hiddenSize], hiddenSize, generator),
            NetworkInitialization.Default([hiddenSize], hiddenSize, generator));
        _head = withHead ? [Linear(), Linear()] : [];
        Own(parameters);
        Own(_head.SelectMany((layer, i) =>
            new[] { KeyValuePair.Create($"mlp_head.{2 * i}.weight", layer.Weight), KeyValuePair.Create($"mlp_head.{2 * i}.bias", layer.Bias) }));
    }

    private protected override Tensor Reparameterize(Tensor rows, Func<Tensor, Tensor>? drop)
    {
        var states = States(rows);
        if (drop is not null)
            states = drop(states);
        return Residual(rows, _head is [var first, var second]
            ? nn.functional.linear(nn.functional.relu(nn.functional.linear(states, first.Weight, first.Bias)), second.Weight, second.Bias)
            : states);
    }

    /// <summary>
    /// Computes the states with gradients on, as in training, and then detaches them. Without gradients libtorch hands an LSTM to oneDNN, whose
    /// result is wrong on some processors when the LSTM is narrower than 32: the error is as large as the values.
    /// </summary>
    /// <param name="rows">f32[P, H].</param>
    /// <returns>f32[P, H].</returns>
    private Tensor States(Tensor rows)
    {
        var hasGradients = is_grad_enabled();
        using var gradients = enable_grad();
        var states = _lstm.call(rows.unsqueeze(1)).Item1.squeeze(1); // [P, 1, H] → [P, H]
        return hasGradients ? states : states.detach();
    }
}
