using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// A prompt that a network makes of trainable rows: P' = P + φ(P), or P' = φ(P) without the skip connection. Rows and network train
/// together; <see cref="SoftPrompt.Fold"/> keeps P' alone.
/// </summary>
public abstract class ReparameterizedPrompt : SoftPrompt
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
        var branch = Branch(_rows, drop);
        return (_skip ? _rows + branch : branch).MoveToOuterDisposeScope();
    }

    /// <summary>φ of the rows, f32[P, H] → f32[P, H].</summary>
    private protected abstract Tensor Branch(Tensor rows, Func<Tensor, Tensor>? drop);

    /// <summary>Adds the network's parameters, which the prompt then owns.</summary>
    private protected void Own(IEnumerable<KeyValuePair<string, Tensor>> parameters)
    {
        foreach (var (name, parameter) in parameters)
            _parameters.Add(name, parameter.DetachFromDisposeScope());
    }
}
