using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// A prompt that a network φ computes from trainable rows: P' = P + φ(P), or P' = φ(P) without the skip connection. Rows and network train
/// together; <see cref="SoftPrompt.Fold"/> keeps only P'.
/// </summary>
internal abstract class ReparameterizedPrompt : SoftPrompt
{
    private readonly Tensor _rows; // f32[P, H]
    private readonly bool _skip;
    private readonly Dictionary<string, Tensor> _parameters;

    private protected ReparameterizedPrompt(Tensor rows, bool skip)
    {
        (_rows, _skip) = (CheckedRows(rows), skip);
        _parameters = new Dictionary<string, Tensor> { [RowsName] = _rows };
    }

    /// <inheritdoc/>
    public override int VirtualTokenCount => (int)_rows.shape[0];

    /// <inheritdoc/>
    public override int HiddenSize => (int)_rows.shape[1];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> Parameters => _parameters;

    /// <inheritdoc/>
    public override Tensor Forward(Func<Tensor, Tensor>? drop = null)
    {
        using var scope = NewDisposeScope();
        return Reparameterize(_rows, drop).MoveToOuterDisposeScope();
    }

    /// <summary>P' of the rows P, f32[P, H] → f32[P, H].</summary>
    private protected abstract Tensor Reparameterize(Tensor rows, Func<Tensor, Tensor>? drop);

    /// <summary>The skip connection: P + φ(P), or φ(P) without it.</summary>
    /// <param name="rows">P.</param>
    /// <param name="branch">φ(P).</param>
    private protected Tensor Residual(Tensor rows, Tensor branch) => _skip ? rows + branch : branch;

    /// <summary>Takes ownership of the network's parameters.</summary>
    private protected void Own(IEnumerable<KeyValuePair<string, Tensor>> parameters)
    {
        foreach (var (name, parameter) in parameters)
            _parameters.Add(name, parameter.DetachFromDisposeScope());
    }
}
