using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>The network φ of residual prompt tuning: one or more stacks in sequence.</summary>
internal sealed class MlpNetwork
{
    private readonly MlpStack[] _stacks;
    private readonly MlpShape _shape;

    internal MlpNetwork(MlpShape shape, int hiddenSize, Generator generator)
    {
        _shape = shape;
        _stacks = [.. Enumerable.Range(0, shape.Tied ? 1 : shape.StackCount).Select(_ => new MlpStack(shape, hiddenSize, generator))];
    }

    /// <summary>Parameters, named by their position in the original's single sequence of modules.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Parameters(string prefix) =>
        _stacks.SelectMany((stack, i) => stack.Parameters(prefix, i * (_shape.LayerNorm ? 4 : 3)));

    /// <summary>φ of rows, [n, H] → [n, H].</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="forward">Computes one stack.</param>
    internal Tensor Forward(Tensor rows, Func<MlpStack, Tensor, Tensor> forward)
    {
        for (var i = 0; i < _shape.StackCount; i++)
            rows = forward(_stacks[_shape.Tied ? 0 : i], rows);
        return rows;
    }
}
