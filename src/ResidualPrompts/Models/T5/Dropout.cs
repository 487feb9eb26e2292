using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// Dropout (Srivastava et al. 2014): zeroes each element with probability <see cref="Rate"/> and scales the others by 1 / (1 − rate). Masks come
/// from a counter-based generator: the mask of a seed is the same on every machine, for any thread count, so a resumed run repeats it without
/// stored generator state. Use a new object with its own seed for every step.
/// </summary>
internal sealed class Dropout
{
    private readonly MaskGenerator _generator;
    private readonly float _kept; // the factor of elements that are not dropped
    private int _callCount;

    /// <summary>Creates the dropout of one step.</summary>
    /// <param name="rate">Probability that an element is dropped, from 0 to below 1.</param>
    /// <param name="seed">The step's own seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public Dropout(double rate, ulong seed)
    {
        if (rate is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate lies in [0, 1).");
        (Rate, _kept) = (rate, (float)(1 / (1 - rate)));
        _generator = new MaskGenerator(rate, seed);
    }

    /// <summary>Probability that an element is dropped.</summary>
    public double Rate { get; }

    /// <summary>Drops elements of a tensor of any shape; each call drops others.</summary>
    /// <param name="x">The tensor.</param>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var columns = x.dim() == 0 ? 1 : x.shape[^1];
        var ids = Enumerable.Range(0, (int)(x.numel() / Math.Max(1, columns))).Select(row => (uint)row).ToArray();
        return Drop(x, _callCount++, ids);
    }

    /// <summary>Drops elements of x, whose rows (all dimensions but the last) have the ids <paramref name="rowIds"/>.</summary>
    internal Tensor Drop(Tensor x, int place, uint[] rowIds) => x * Mask(place, rowIds).Make(x);

    /// <summary>The mask of a place for a matrix: 0 where an element is dropped, else the scale.</summary>
    internal MatrixMask Mask(int place, uint[] rowIds) => new(_generator, place, rowIds, _kept);

    /// <summary>The same mask, by the id of a row.</summary>
    internal RowMask RowMask(int place) => new(_generator, place, _kept);
}
