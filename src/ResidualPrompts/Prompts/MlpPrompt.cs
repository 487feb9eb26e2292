using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>The choices of an MLP reparameterization.</summary>
/// <param name="BottleneckSize">Inner width m.</param>
/// <param name="Nonlinearity">What stands between the two matrices.</param>
/// <param name="LayerNorm">Whether the branch ends with a LayerNorm.</param>
/// <param name="Skip">Whether the rows are added to the branch: P' = P + φ(P); without it P' = φ(P).</param>
/// <param name="Separate">Whether each row has a network of its own; else all rows share one.</param>
public sealed record MlpShape(
    int BottleneckSize = 800, Nonlinearity Nonlinearity = Nonlinearity.Relu, bool LayerNorm = true, bool Skip = true, bool Separate = false);

/// <summary>
/// Residual prompt tuning (Razdaibiedina et al. 2023, arXiv 2305.03937): P' = P + φ(P), row by row, with a small network φ that trains
/// along with the rows and is folded away afterwards.
/// </summary>
public sealed class MlpPrompt : SoftPrompt
{
    private readonly Tensor _rows; // f32[P, H]
    private readonly MlpShape _shape;
    private readonly MlpNetwork[] _networks; // one, or one for each row

    /// <summary>Makes a prompt of given start rows, which it then owns, and a network with random weights.</summary>
    /// <param name="rows">f32[P, H] with at least one row.</param>
    /// <param name="shape">The network.</param>
    /// <param name="generator">Where its random weights come from.</param>
    public MlpPrompt(Tensor rows, MlpShape shape, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.BottleneckSize, 1);
        using var scope = NewDisposeScope();
        _rows = CheckedRows(rows);
        _shape = shape;
        _networks = [.. Enumerable.Range(0, shape.Separate ? VirtualTokenCount : 1).Select(_ => new MlpNetwork(shape, HiddenSize, generator))];
        var parameters = new Dictionary<string, Tensor> { [RowsName] = _rows };
        for (var i = 0; i < _networks.Length; i++)
        {
            foreach (var (name, parameter) in _networks[i].Parameters())
                parameters.Add(shape.Separate ? $"mlps.{i}.{name}" : $"module.{name}", parameter.DetachFromDisposeScope());
        }

        Parameters = parameters;
    }

    /// <inheritdoc/>
    public override int VirtualTokenCount => (int)_rows.shape[0];

    /// <inheritdoc/>
    public override int HiddenSize => (int)_rows.shape[1];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Func<Tensor, Tensor>? drop = null)
    {
        using var scope = NewDisposeScope();
        var branch = _shape.Separate
            ? cat(_networks.Select((network, row) => network.Forward(_rows.narrow(0, row, 1), drop)).ToArray()) // [P, H]
            : _networks[0].Forward(_rows, drop);
        return (_shape.Skip ? _rows + branch : branch).MoveToOuterDisposeScope();
    }
}
