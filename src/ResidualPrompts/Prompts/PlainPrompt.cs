using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>Prompt tuning's prompt: the rows are the parameters.</summary>
public sealed class PlainPrompt : SoftPrompt
{
    private readonly Tensor _rows; // f32[P, H]

    /// <summary>Makes a prompt of given rows, which it then owns.</summary>
    /// <param name="rows">f32[P, H] with at least one row.</param>
    /// <exception cref="ArgumentException">Not a matrix of float32 with a row.</exception>
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
