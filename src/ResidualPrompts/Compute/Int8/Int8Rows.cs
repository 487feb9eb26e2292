using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>Rows [R, K] as bytes, with a scale and a zero point per row (dynamic quantization: computed from the row).</summary>
internal sealed unsafe class Int8Rows : IDisposable
{
    private readonly Tensor _values; // u8[R, K rounded up to four]
    private readonly Tensor _scales; // [R]
    private readonly Tensor _zeroPoints; // i32[R]

    /// <summary>Quantizes rows.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="epsilon">Epsilon of T5's norm without a gain, applied to the rows first; null = no norm.</param>
    /// <param name="largestByte">The largest byte; see <see cref="Int8MicroKernel.LargestByte"/>.</param>
    internal Int8Rows(Tensor x, double? epsilon, int largestByte)
    {
        using var scope = NewDisposeScope();
        (RowCount, Size) = ((int)x.shape[0], (int)x.shape[1]);
        var stride = (Size + Int8MicroKernel.Depth - 1) / Int8MicroKernel.Depth * Int8MicroKernel.Depth;
        _values = empty(RowCount, stride, ScalarType.Byte);
        _scales = empty(RowCount);
        _zeroPoints = empty(RowCount, ScalarType.Int32);
        var source = x.contiguous();
        fixed (byte* start = source.bytes, values = _values.bytes, scales = _scales.bytes, zeroPoints = _zeroPoints.bytes)
        {
            var from = (float*)start;
            var row = new RowQuantizer(Size, stride, (float?)epsilon, largestByte);
            View = new Int8RowView(values, stride, (float*)scales, (int*)zeroPoints); // libtorch does not move memory
            ParallelRows.For(RowCount, Size, get_num_threads(), i => row.Quantize(from + ((long)i * Size), View.From(i)));
        }

        foreach (var tensor in new[] { _values, _scales, _zeroPoints })
            tensor.DetachFromDisposeScope();
    }

    /// <summary>R</summary>
    internal int RowCount { get; }

    /// <summary>K</summary>
    internal int Size { get; }

    /// <summary>The quantized rows.</summary>
    internal Int8RowView View { get; }

    public void Dispose()
    {
        _values.Dispose();
        _scales.Dispose();
        _zeroPoints.Dispose();
    }
}
