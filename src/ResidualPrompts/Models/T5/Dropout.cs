using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// Dropout (Srivastava et al. 2014): zeroes each element with probability <see cref="Rate"/> and scales the others by 1 / (1 − rate).
/// Masks come from a counter-based generator: the n-th mask of one seed is the same on every machine, whatever the thread count, so
/// that a resumed run repeats it without storing a generator's state. Use a new object, with a seed of its own, for every step.
/// </summary>
public sealed class Dropout
{
    private readonly uint _threshold;
    private readonly ulong _seed;
    private uint _maskCount;

    /// <summary>Makes the masks of one step.</summary>
    /// <param name="rate">Probability that an element is dropped, from 0 to below 1.</param>
    /// <param name="seed">The step's own seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public Dropout(double rate, ulong seed)
    {
        if (rate is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate lies in [0, 1).");
        Rate = rate;
        _seed = seed;
        _threshold = (uint)Math.Round(rate * (1L << 31));
    }

    /// <summary>Probability that an element is dropped.</summary>
    public double Rate { get; }

    /// <summary>Drops elements of a tensor of any shape, each call others.</summary>
    /// <param name="x">The tensor.</param>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x * NextMask(x);
    }

    /// <summary>With null nothing is dropped.</summary>
    internal static Tensor Apply(Dropout? dropout, Tensor x) => dropout is null ? x : dropout.Apply(x);

    private Tensor NextMask(Tensor like)
    {
        var mask = empty(like.shape, ScalarType.Float32);
        var bytes = mask.bytes;
        Fill(MemoryMarshal.Cast<byte, float>(bytes), Mix((uint)_seed, (uint)(_seed >> 32) + (0x9E3779B9u * ++_maskCount)));
        return mask.to(like.dtype, like.device);
    }

    private static uint Mix(uint low, uint high) => Hash(low ^ Hash(high));

    private static uint Hash(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7FEB352Du;
        x = (x ^ (x >> 15)) * 0x846CA68Bu;
        return x ^ (x >> 16);
    }

    /// <summary>Element i is kept when the upper 31 bits of hash(i ⊕ key) reach the threshold.</summary>
    private void Fill(Span<float> mask, uint key)
    {
        var kept = (float)(1 / (1 - Rate));
        var width = Vector<uint>.Count;
        var i = 0;
        var index = new Vector<uint>(Enumerable.Range(0, width).Select(lane => (uint)lane).ToArray());
        var (keys, thresholds, values) = (new Vector<uint>(key), new Vector<uint>(_threshold), new Vector<float>(kept));
        var (first, second, step) = (new Vector<uint>(0x7FEB352Du), new Vector<uint>(0x846CA68Bu), new Vector<uint>((uint)width));
        for (; i + width <= mask.Length; i += width, index += step)
        {
            var x = index ^ keys;
            x = (x ^ (x >>> 16)) * first;
            x = (x ^ (x >>> 15)) * second;
            x ^= x >>> 16;
            var keep = Vector.GreaterThanOrEqual(x >>> 1, thresholds);
            Vector.ConditionalSelect(Vector.AsVectorSingle(keep), values, Vector<float>.Zero).CopyTo(mask[i..]);
        }

        for (; i < mask.Length; i++)
            mask[i] = Hash((uint)i ^ key) >> 1 >= _threshold ? kept : 0;
    }
}
