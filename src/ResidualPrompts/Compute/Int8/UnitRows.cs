using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// Rows [R, K], each mapped to 0 to 1: u = (x − least) / range, so that x · w = range · (u · w) + least · Σw. A row of ones follows them.
/// </summary>
internal sealed unsafe class UnitRows : IDisposable
{
    private readonly int _size; // K
    private readonly int _vectorEnd;
    private readonly float? _epsilon;
    private readonly Tensor _ranges; // [R], times the norm's factor
    private readonly Tensor _leasts; // [R], the same

    /// <summary>Maps rows.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="epsilon">
    /// Epsilon of T5's norm without a gain, applied to the rows first; null = no norm. It multiplies a row by one number.
    /// </param>
    internal UnitRows(Tensor x, float? epsilon)
    {
        using var scope = NewDisposeScope();
        (RowCount, _size) = ((int)x.shape[0], (int)x.shape[1]);
        (_vectorEnd, _epsilon) = (_size - (_size % Vector256<float>.Count), epsilon);
        Values = empty(RowCount + 1, _size);
        _ranges = empty(RowCount);
        _leasts = empty(RowCount);
        var source = x.contiguous();
        fixed (byte* start = source.bytes, target = Values.bytes, ranges = _ranges.bytes, leasts = _leasts.bytes)
        {
            float* from = (float*)start, to = (float*)target, range = (float*)ranges, least = (float*)leasts; // libtorch does not move memory
            ParallelRows.For(
                RowCount, _size, get_num_threads(), i => Map(from + ((long)i * _size), to + ((long)i * _size), range + i, least + i));
            new Span<float>(to + ((long)RowCount * _size), _size).Fill(1);
        }

        foreach (var tensor in new[] { Values, _ranges, _leasts })
            tensor.DetachFromDisposeScope();
    }

    /// <summary>R</summary>
    internal int RowCount { get; }

    /// <summary>[R + 1, K]</summary>
    internal Tensor Values { get; }

    /// <summary>The products of the rows as they were: range · scale · product + least · sum.</summary>
    /// <param name="products">[R + 1, N], products with a weight's rows divided by their scales.</param>
    /// <param name="scales">[N]</param>
    /// <param name="sums">[N], the sum of each row of the weight.</param>
    /// <returns>[R, N]</returns>
    internal Tensor Restore(Tensor products, Tensor scales, Tensor sums)
    {
        var columnCount = (int)products.shape[1];
        var result = empty(RowCount, columnCount);
        fixed (byte* start = products.bytes, target = result.bytes, ranges = _ranges.bytes, leasts = _leasts.bytes, scale = scales.bytes,
            sum = sums.bytes)
        {
            float* from = (float*)start, to = (float*)target, range = (float*)ranges, least = (float*)leasts;
            float* columnScales = (float*)scale, columnSums = (float*)sum;
            ParallelRows.For(
                RowCount, columnCount, get_num_threads(),
                i => Restore(
                    from + ((long)i * columnCount), to + ((long)i * columnCount), range[i], least[i], columnScales, columnSums, columnCount));
        }

        return result;
    }

    public void Dispose()
    {
        Values.Dispose();
        _ranges.Dispose();
        _leasts.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Restore(float* row, float* target, float range, float least, float* scales, float* sums, int count)
    {
        var (ranges, leasts) = (Vector256.Create(range), Vector256.Create(least));
        var i = 0;
        for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
        {
            var scaled = Vector256.Load(row + i) * (ranges * Vector256.Load(scales + i));
            (scaled + (leasts * Vector256.Load(sums + i))).Store(target + i);
        }

        for (; i < count; i++)
            target[i] = (row[i] * (range * scales[i])) + (least * sums[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Map(float* row, float* target, float* range, float* least)
    {
        var (min, max, squares) = RowQuantizer.Measure(row, _size);
        var factor = _epsilon is { } added ? 1 / MathF.Sqrt((squares / _size) + added) : 1;
        var width = max - min;
        if (!float.IsFinite(width))
        {
            new Span<float>(target, _size).Clear();
            (*range, *least) = (float.NaN, float.NaN); // a NaN stays visible, in its own row alone
            return;
        }

        // A range too small to divide by counts as zero.
        var inverse = width < Int8MicroKernel.LeastScale ? 0 : 1 / width;
        (*range, *least) = (factor * width, inverse == 0 ? 0 : factor * min);
        var (inverses, mins) = (Vector256.Create(inverse), Vector256.Create(min));
        for (var i = 0; i < _vectorEnd; i += Vector256<float>.Count)
            Vector256.Min((Vector256.Load(row + i) - mins) * inverses, Vector256<float>.One).Store(target + i); // rounding can bring it above 1
        for (var i = _vectorEnd; i < _size; i++)
            target[i] = MathF.Min((row[i] - min) * inverse, 1);
    }
}
