using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>The network φ of residual prompt tuning: one or more stacks, one after another.</summary>
internal sealed class MlpNetwork
{
    private readonly MlpStack[] _stacks;
    private readonly MlpShape _shape;

    internal MlpNetwork(MlpShape shape, int hiddenSize, Generator generator)
    {
        _shape = shape;
        _stacks = [.. Enumerable.Range(0, shape.Tied ? 1 : shape.StackCount).Select(_ => new MlpStack(shape, hiddenSize, generator))];
    }

    /// <summary>Parameters by their place in the original's one sequence of modules.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Parameters(string prefix) =>
        _stacks.SelectMany((stack, i) => stack.Parameters(prefix, i * (_shape.LayerNorm ? 4 : 3)));

    /// <summary>φ of rows, [n, H] → [n, H].</summary>
    internal Tensor Forward(Tensor rows, Func<Tensor, Tensor>? drop)
    {
        for (var i = 0; i < _shape.StackCount; i++)
            rows = _stacks[_shape.Tied ? 0 : i].Forward(rows, drop);
        return rows;
    }
}
