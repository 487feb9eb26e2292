using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// P trainable rows [P, H] that precede the embedded input of a frozen model (Lester et al. 2021, arXiv 2104.08691). A reparameterization
/// computes them from other parameters during training; <see cref="Fold"/> computes them once and for all.
/// </summary>
public abstract class SoftPrompt : IDisposable
{
    /// <summary>Name of the raw rows among the parameters.</summary>
    public const string RowsName = "prompt";

    /// <summary>Name of the raw rows in a release, where <see cref="RowsName"/> is the name of the folded rows.</summary>
    public const string RawRowsName = "prompt/raw";

    private const float FoldTolerance = 1e-5f; // rounding of one pass, relative to the largest value

    /// <summary>Rows of the prompt, P.</summary>
    public abstract int VirtualTokenCount { get; }

    /// <summary>Width of a row, H.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>Trainable parameters by the names of the original's state dict; <see cref="RowsName"/> are the rows themselves.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>The prompt that the model receives, f32[P, H], connected to its parameters.</summary>
    /// <param name="drop">Dropout inside a network during training, or null. A plain prompt ignores it.</param>
    public abstract Tensor Forward(Func<Tensor, Tensor>? drop = null);

    /// <summary>
    /// Returns the prompt's rows as a plain prompt, without the network that computed them. The rows are compared with those of <see cref="Forward"/>
    /// during training, which may take another path inside libtorch.
    /// </summary>
    /// <exception cref="InvalidOperationException">The rows are not finite, or differ from those of training: nothing may be released.</exception>
    public PlainPrompt Fold()
    {
        using var scope = NewDisposeScope();
        Tensor rows;
        using (no_grad())
            rows = Forward().clone();
        using (enable_grad())
        {
            var difference = (rows - Forward().detach()).abs().max().item<float>(); // NaN where a row is not finite
            if (!(difference <= FoldTolerance * Math.Max(1, rows.abs().max().item<float>())))
                throw new InvalidOperationException(
                    FormattableString.Invariant($"The folded prompt differs from the prompt of training by {difference}."));
        }

        return new PlainPrompt(rows);
    }

    /// <summary>Checks initial rows and takes ownership of them.</summary>
    /// <param name="rows">f32[P, H] with at least one row.</param>
    /// <exception cref="ArgumentException">The tensor is not a float32 matrix with at least one row.</exception>
    private protected static Tensor CheckedRows(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.dim() != 2 || rows.shape[0] < 1 || rows.dtype != ScalarType.Float32)
            throw new ArgumentException($"A prompt is f32[P, H], found {rows.dtype}[{string.Join(", ", rows.shape)}].", nameof(rows));
        return rows.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Parameters.Values)
            parameter.Dispose();
        GC.SuppressFinalize(this);
    }
}
