using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// Residual prompt tuning (Razdaibiedina et al. 2023, arXiv 2305.03937): P' = P + LayerNorm(W_up · relu(W_down · P + b_down) + b_up), row by row.
/// The network trains along with the rows P and is folded away afterwards. <see cref="MlpShape"/> has its variants.
/// </summary>
internal sealed class MlpPrompt : ReparameterizedPrompt
{
    private readonly MlpNetwork[] _networks; // one, or one per row

    /// <summary>Creates a prompt from initial rows, which it takes ownership of, and a network with random weights.</summary>
    /// <param name="rows">f32[P, H] with at least one row.</param>
    /// <param name="shape">The network.</param>
    /// <param name="generator">Source of the random weights.</param>
    public MlpPrompt(Tensor rows, MlpShape shape, Generator generator)
        : base(rows, (shape ?? throw new ArgumentNullException(nameof(shape))).Skip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.BottleneckSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.StackCount, 1);
        using var scope = NewDisposeScope();
        _networks = [.. Enumerable.Range(0, shape.Separate ? VirtualTokenCount : 1).Select(_ => new MlpNetwork(shape, HiddenSize, generator))];
        Own(_networks.SelectMany((network, i) => network.Parameters(shape.Separate ? $"mlps.{i}" : "module")));
    }

    // Down and Up are W · x + b. As in the original code, dropout precedes the norm.
    private protected override Tensor Reparameterize(Tensor rows, Func<Tensor, Tensor>? drop) =>
        Residual(rows, Branch(rows, (stack, x) => stack.LayerNorm(Drop(stack.Up(stack.Activate(stack.Down(x))), drop))));

    private Tensor Branch(Tensor rows, Func<MlpStack, Tensor, Tensor> forward) => _networks.Length == 1
        ? _networks[0].Forward(rows, forward)
        : cat([.. _networks.Select((network, row) => network.Forward(rows.narrow(0, row, 1), forward))]); // [P, H]

    private static Tensor Drop(Tensor x, Func<Tensor, Tensor>? drop) => drop is null ? x : drop(x);
}
