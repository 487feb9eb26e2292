using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>Prompt tuning's prompt: the rows are the parameters.</summary>
public sealed class PlainPrompt : SoftPrompt
{
    private readonly Tensor _rows; // f32[P, H]

    /// <summary>Creates a prompt from rows, which it takes ownership of.</summary>
    /// <param name="rows">f32[P, H] with at least one row.</param>
    /// <exception cref="ArgumentException">The tensor is not a float32 matrix with at least one row.</exception>
    public PlainPrompt(Tensor rows)
    {
        _rows = CheckedRows(rows);
        Parameters = new Dictionary<string, Tensor> { [RowsName] = _rows };
    }

    /// <inheritdoc/>
    public override int VirtualTokenCount => (int)_rows.shape[0];

    /// <inheritdoc/>
    public override int HiddenSize => (int)_rows.shape[1];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Func<Tensor, Tensor>? drop = null) => _rows.alias();
}
