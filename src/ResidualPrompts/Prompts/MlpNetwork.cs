using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// The network φ of residual prompt tuning: W_up · f(W_down · x + b_down) + b_up, then dropout, then LayerNorm with mean, bias and
/// epsilon 1e-5 (Razdaibiedina et al. 2023, section 3; the order is the original code's). PyTorch's default start: weights and biases
/// uniform within ± 1/√(inputs), gains 1.
/// </summary>
internal sealed class MlpNetwork
{
    private const double NormEpsilon = 1e-5;
    private readonly MlpShape _shape;
    private readonly Tensor _down, _downBias; // [m, H], [m]
    private readonly Tensor _up, _upBias; // [H, m], [H]
    private readonly Tensor? _gain, _bias; // [H]

    internal MlpNetwork(MlpShape shape, int hiddenSize, Generator generator)
    {
        _shape = shape;
        _down = Uniform([shape.BottleneckSize, hiddenSize], hiddenSize, generator);
        _downBias = Uniform([shape.BottleneckSize], hiddenSize, generator);
        _up = Uniform([hiddenSize, shape.BottleneckSize], shape.BottleneckSize, generator);
        _upBias = Uniform([hiddenSize], shape.BottleneckSize, generator);
        if (shape.LayerNorm)
            (_gain, _bias) = (ones(hiddenSize), zeros(hiddenSize));
    }

    /// <summary>Parameters by their place in the original's sequence of modules: 0 = down, 1 = f, 2 = up, 3 = norm.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Parameters()
    {
        yield return new("0.weight", _down);
        yield return new("0.bias", _downBias);
        yield return new("2.weight", _up);
        yield return new("2.bias", _upBias);
        if (_gain is not null && _bias is not null)
        {
            yield return new("3.weight", _gain);
            yield return new("3.bias", _bias);
        }
    }

    /// <summary>φ of rows, [n, H] → [n, H].</summary>
    internal Tensor Forward(Tensor rows, Func<Tensor, Tensor>? drop)
    {
        var inner = Bend(nn.functional.linear(rows, _down, _downBias)); // [n, m]
        var outer = nn.functional.linear(inner, _up, _upBias); // [n, H]
        outer = drop is null ? outer : drop(outer);
        return _gain is null ? outer : nn.functional.layer_norm(outer, [outer.shape[^1]], _gain, _bias, NormEpsilon);
    }

    private static Tensor Uniform(long[] shape, int inputs, Generator generator)
    {
        var bound = 1 / Math.Sqrt(inputs);
        return (rand(shape, generator: generator) * (2 * bound)) - bound;
    }

    private Tensor Bend(Tensor x) => _shape.Nonlinearity switch
    {
        Nonlinearity.Relu => nn.functional.relu(x),
        Nonlinearity.Tanh => x.tanh(),
        Nonlinearity.Sigmoid => x.sigmoid(),
        Nonlinearity.Gelu => nn.functional.gelu(x),
        _ => throw new InvalidOperationException($"Nonlinearity {_shape.Nonlinearity} is not one of those defined."),
    };
}
