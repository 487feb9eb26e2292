using ResidualPrompts.Compute.Dropout;
using TorchSharp;
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
    private int _callCount;

    /// <summary>Creates the dropout of one step.</summary>
    /// <param name="rate">Probability that an element is dropped, from 0 to below 1.</param>
    /// <param name="seed">The step's own seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public Dropout(double rate, ulong seed)
    {
        if (rate is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate lies in [0, 1).");
        (Rate, KeptScale) = (rate, 1 / (1 - rate));
        _generator = new MaskGenerator(rate, seed);
    }

    /// <summary>Probability that an element is dropped.</summary>
    public double Rate { get; }

    /// <summary>Factor of elements that are not dropped.</summary>
    internal double KeptScale { get; }

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
    internal Tensor Drop(Tensor x, int place, uint[] rowIds) => x * Mask(place, rowIds, x);

    /// <summary>The mask of a place, with the shape of <paramref name="like"/>: 0 where an element is dropped, else the scale.</summary>
    internal Tensor Mask(int place, uint[] rowIds, Tensor like) => _generator.Make(place, rowIds, like, (float)KeptScale, 0);

    /// <summary>The same mask, row by row.</summary>
    internal RowMask RowMask(int place) => new(_generator, place, (float)KeptScale);

    /// <summary>Overwrites elements of x that a place's mask drops with minus infinity, which relu turns into 0.</summary>
    /// <param name="x">[R, C]; no gradient may need its old values.</param>
    /// <param name="place">Number of the mask.</param>
    /// <param name="rowIds">Ids of the rows.</param>
    internal Tensor Exclude(Tensor x, int place, uint[] rowIds)
    {
        if (x.dtype != ScalarType.Float32 || x.device_type != DeviceType.CPU || !x.is_contiguous())
            return x.add_(_generator.Make(place, rowIds, x, 0, float.NegativeInfinity));
        _generator.Overwrite(place, rowIds, x, float.NegativeInfinity);
        return x;
    }
}
