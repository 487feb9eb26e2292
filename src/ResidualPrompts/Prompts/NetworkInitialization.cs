using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>Initial values of networks: PyTorch's defaults, drawn from a given generator.</summary>
internal static class NetworkInitialization
{
    /// <summary>Uniform within ± 1/√(inputs), as PyTorch initializes linear layers (weights and biases) and LSTMs.</summary>
    internal static Tensor Default(long[] shape, int inputs, Generator generator) => Within(shape, 1 / Math.Sqrt(inputs), generator);

    /// <summary>Uniform within ± √(6 / (inputs + outputs)) (Glorot and Bengio 2010), as PyTorch initializes attention projections.</summary>
    internal static Tensor Glorot(int outputs, int inputs, Generator generator) =>
        Within([outputs, inputs], Math.Sqrt(6.0 / (inputs + outputs)), generator);

    private static Tensor Within(long[] shape, double bound, Generator generator) => (rand(shape, generator: generator) * (2 * bound)) - bound;
}
