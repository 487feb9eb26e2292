using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>A frozen weight [N, K] as bytes −127 to 127 with a scale per row, packed for <see cref="Int8MicroKernel"/>.</summary>
internal sealed unsafe class Int8Weight : IDisposable
{
    private readonly int _panelWidth; // NR
    private readonly Tensor _values; // i8[panels, K / 4, NR, 4], zero-padded
    private readonly Tensor _scales; // [panels · NR]
    private readonly Tensor _sums; // i32[panels · NR]
    private readonly Int8Panel _first;

    /// <summary>Quantizes a weight.</summary>
    /// <param name="weight">float32[N, K] on the CPU.</param>
    /// <param name="kernel">The kernel that will multiply with it.</param>
    internal Int8Weight(Tensor weight, Int8MicroKernel kernel)
    {
        using var scope = NewDisposeScope();
        _panelWidth = kernel.NR;
        (RowCount, Size) = ((int)weight.shape[0], (int)weight.shape[1]);
        var panelCount = (RowCount + _panelWidth - 1) / _panelWidth;
        Height = (Size + Int8MicroKernel.Depth - 1) / Int8MicroKernel.Depth;
        _values = zeros(panelCount, Height, _panelWidth, Int8MicroKernel.Depth, ScalarType.Int8);
        _scales = zeros(panelCount * _panelWidth);
        _sums = zeros(panelCount * _panelWidth, ScalarType.Int32);
        fixed (byte* values = _values.bytes, scales = _scales.bytes, sums = _sums.bytes)
            _first = new Int8Panel((sbyte*)values, (float*)scales, (int*)sums); // libtorch does not move memory
        var source = weight.contiguous();
        fixed (byte* start = source.bytes)
        {
            var rows = (float*)start;
            ParallelRows.For(RowCount, Size, get_num_threads(), row => Quantize(rows + ((long)row * Size), row));
        }

        foreach (var tensor in new[] { _values, _scales, _sums })
            tensor.DetachFromDisposeScope();
    }

    /// <summary>N</summary>
    internal int RowCount { get; }

    /// <summary>K</summary>
    internal int Size { get; }

    /// <summary>Length of a row in groups of four elements.</summary>
    internal int Height { get; }

    /// <summary>The panel that starts at a row.</summary>
    internal Int8Panel PanelAt(int row) => new(_first.Values + ((long)row * Height * Int8MicroKernel.Depth), _first.Scales + row, _first.Sums + row);

    public void Dispose()
    {
        _values.Dispose();
        _scales.Dispose();
        _sums.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Quantize(float* source, int row)
    {
        var step = _panelWidth * Int8MicroKernel.Depth; // bytes from one group of four elements of a row to the next
        var vectorEnd = Size - (Size % Vector256<float>.Count);
        var scale = Int8MicroKernel.ScaleOf(Largest(source, vectorEnd), sbyte.MaxValue);
        var inverse = 1 / scale;
        var panel = PanelAt(row / _panelWidth * _panelWidth);
        var target = panel.Values + (row % _panelWidth * Int8MicroKernel.Depth);
        var sums = Vector256<int>.Zero;
        for (var i = 0; i < vectorEnd; i += Vector256<float>.Count, target += 2 * step)
        {
            var values = Avx.ConvertToVector256Int32(Vector256.Load(source + i) * inverse);
            var halves = Sse2.PackSignedSaturate(values.GetLower(), values.GetUpper());
            var neighbours = Sse2.PackSignedSaturate(halves, halves).AsInt32();
            Unsafe.WriteUnaligned(target, neighbours[0]);
            Unsafe.WriteUnaligned(target + step, neighbours[1]);
            sums += values;
        }

        var sum = Vector256.Sum(sums);
        for (var i = vectorEnd; i < Size; i++)
        {
            var value = (int)MathF.Round(source[i] * inverse);
            target[((i - vectorEnd) / Int8MicroKernel.Depth * step) + (i % Int8MicroKernel.Depth)] = (sbyte)value;
            sum += value;
        }

        panel.Scales[row % _panelWidth] = scale;
        panel.Sums[row % _panelWidth] = sum;
    }

    /// <summary>The largest absolute value; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Largest(float* source, int vectorEnd)
    {
        var all = Vector256<float>.Zero;
        for (var i = 0; i < vectorEnd; i += Vector256<float>.Count)
            all = Vector256.Max(all, Vector256.Abs(Vector256.Load(source + i)));
        var largest = 0f;
        for (var i = 0; i < Vector256<float>.Count; i++)
            largest = MathF.Max(largest, all[i]);
        for (var i = vectorEnd; i < Size; i++)
            largest = MathF.Max(largest, MathF.Abs(source[i]));
        return largest;
    }
}
