using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// Quantizes a row to bytes: the smallest element (or zero) becomes 0, the largest (or zero) the largest byte. One NaN makes the whole row NaN.
/// </summary>
/// <param name="size">K</param>
/// <param name="paddedSize">K rounded up; the padding is 0 and is multiplied by the zeros that pad a weight.</param>
/// <param name="epsilon">Epsilon of T5's norm without a gain, or null. The norm multiplies a row by one number: it changes the scale, not the
/// bytes.</param>
/// <param name="largestByte">The largest byte, at most 255.</param>
internal sealed unsafe class RowQuantizer(int size, int paddedSize, float? epsilon, int largestByte)
{
    private readonly int _vectorEnd = size - (size % Vector256<float>.Count);

    /// <summary>Quantizes a row.</summary>
    /// <param name="row">[K]</param>
    /// <param name="target">Receives values, scale and zero point.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Quantize(float* row, Int8RowView target)
    {
        var (min, max, squares) = Measure(row, size);
        var scale = Int8MicroKernel.ScaleOf(max - min, largestByte);
        var inverse = 1 / scale;
        var zeroPoint = (int)MathF.Round(-min * inverse);
        *target.ZeroPoints = zeroPoint;
        *target.Scales = epsilon is { } added ? scale / MathF.Sqrt((squares / size) + added) : scale;
        var (inverses, zeroPoints, largest) = (Vector256.Create(inverse), Vector256.Create(zeroPoint), Vector256.Create(largestByte));
        for (var i = 0; i < _vectorEnd; i += Vector256<float>.Count)
        {
            // Element and zero point are rounded apart, so their sum can be one too large.
            var values = Vector256.Min(Avx.ConvertToVector256Int32(Vector256.Load(row + i) * inverses) + zeroPoints, largest);
            var halves = Sse2.PackSignedSaturate(values.GetLower(), values.GetUpper());
            Sse2.PackUnsignedSaturate(halves, halves).GetLower().Store(target.Values + i);
        }

        for (var i = _vectorEnd; i < size; i++)
            target.Values[i] = (byte)Math.Clamp((int)MathF.Round(row[i] * inverse) + zeroPoint, 0, largestByte);
        for (var i = size; i < paddedSize; i++)
            target.Values[i] = 0;
    }

    /// <summary>The smallest and largest element of a row, zero included, and the sum of squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (float Min, float Max, float Squares) Measure(float* row, int size)
    {
        var vectorEnd = size - (size % Vector256<float>.Count);
        var (min, max, squares) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < vectorEnd; i += Vector256<float>.Count)
        {
            var x = Vector256.Load(row + i);
            min = Vector256.Min(min, x); // NaN stays NaN
            max = Vector256.Max(max, x);
            squares = Vector256.MultiplyAddEstimate(x, x, squares);
        }

        var (low, high, sum) = (0f, 0f, Vector256.Sum(squares));
        for (var i = 0; i < Vector256<float>.Count; i++)
            (low, high) = (MathF.Min(low, min[i]), MathF.Max(high, max[i]));
        for (var i = vectorEnd; i < size; i++)
        {
            (low, high) = (MathF.Min(low, row[i]), MathF.Max(high, row[i]));
            sum += row[i] * row[i];
        }

        return (low, high, sum);
    }
}
