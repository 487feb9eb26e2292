using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// Residual prompt tuning (Razdaibiedina et al. 2023, arXiv 2305.03937): P' = P + φ(P), row by row, with a small network φ that trains
/// along with the rows and is folded away afterwards.
/// </summary>
public sealed class MlpPrompt : ReparameterizedPrompt
{
    private readonly MlpNetwork[] _networks; // one, or one for each row

    /// <summary>Makes a prompt of given start rows, which it then owns, and a network with random weights.</summary>
    /// <param name="rows">f32[P, H] with at least one row.</param>
    /// <param name="shape">The network.</param>
    /// <param name="generator">Where its random weights come from.</param>
    public MlpPrompt(Tensor rows, MlpShape shape, Generator generator)
        : base(rows, (shape ?? throw new ArgumentNullException(nameof(shape))).Skip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.BottleneckSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.StackCount, 1);
        using var scope = NewDisposeScope();
        _networks = [.. Enumerable.Range(0, shape.Separate ? VirtualTokenCount : 1).Select(_ => new MlpNetwork(shape, HiddenSize, generator))];
        Own(_networks.SelectMany((network, i) => network.Parameters(shape.Separate ? $"mlps.{i}" : "module")));
    }

    private protected override Tensor Branch(Tensor rows, Func<Tensor, Tensor>? drop) => _networks.Length == 1
        ? _networks[0].Forward(rows, drop)
        : cat([.. _networks.Select((network, row) => network.Forward(rows.narrow(0, row, 1), drop))]); // [P, H]
}
