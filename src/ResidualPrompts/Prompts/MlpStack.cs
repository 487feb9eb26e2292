using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// The weights of one stack of <see cref="MlpPrompt"/>, and the functions that its equation consists of (Razdaibiedina et al. 2023, section 3).
/// </summary>
internal sealed class MlpStack
{
    private const double NormEpsilon = 1e-5;
    private readonly Nonlinearity _nonlinearity;
    private readonly Tensor _down, _downBias; // [m, H], [m]
    private readonly Tensor _up, _upBias; // [H, m], [H]
    private readonly Tensor? _gain, _bias; // [H]

    internal MlpStack(MlpShape shape, int hiddenSize, Generator generator)
    {
        _nonlinearity = shape.Nonlinearity;
        _down = NetworkInitialization.Default([shape.BottleneckSize, hiddenSize], hiddenSize, generator);
        _downBias = NetworkInitialization.Default([shape.BottleneckSize], hiddenSize, generator);
        _up = NetworkInitialization.Default([hiddenSize, shape.BottleneckSize], shape.BottleneckSize, generator);
        _upBias = NetworkInitialization.Default([hiddenSize], shape.BottleneckSize, generator);
        if (shape.LayerNorm)
            (_gain, _bias) = (ones(hiddenSize), zeros(hiddenSize));
    }

    /// <summary>Parameters, named by their position in the original's sequence of modules: first = down, + 1 = f, + 2 = up, + 3 = norm.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Parameters(string prefix, int first)
    {
        yield return new($"{prefix}.{first}.weight", _down);
        yield return new($"{prefix}.{first}.bias", _downBias);
        yield return new($"{prefix}.{first + 2}.weight", _up);
        yield return new($"{prefix}.{first + 2}.bias", _upBias);
        if (_gain is not null && _bias is not null)
        {
            yield return new($"{prefix}.{first + 3}.weight", _gain);
            yield return new($"{prefix}.{first + 3}.bias", _bias);
        }
    }

    /// <summary>W_down · x + b_down, [n, H] → [n, m].</summary>
    internal Tensor Down(Tensor x) => nn.functional.linear(x, _down, _downBias);

    /// <summary>W_up · x + b_up, [n, m] → [n, H].</summary>
    internal Tensor Up(Tensor x) => nn.functional.linear(x, _up, _upBias);

    /// <summary>LayerNorm with mean, gain and bias, [n, H] → [n, H]; x itself where the stack has none.</summary>
    internal Tensor LayerNorm(Tensor x) => _gain is null ? x : nn.functional.layer_norm(x, [x.shape[^1]], _gain, _bias, NormEpsilon);

    /// <summary>The nonlinearity: relu in the paper.</summary>
    internal Tensor Activate(Tensor x) => _nonlinearity switch
    {
        Nonlinearity.Relu => nn.functional.relu(x),
        Nonlinearity.Tanh => x.tanh(),
        Nonlinearity.Sigmoid => x.sigmoid(),
        Nonlinearity.Gelu => nn.functional.gelu(x),
        _ => throw new InvalidOperationException($"Nonlinearity {_nonlinearity} is not one of those defined."),
    };
}
