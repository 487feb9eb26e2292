using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Managed;

/// <summary>T5's norm of contiguous rows, n = x / sqrt(mean(x²) + epsilon), and its gradient.</summary>
/// <param name="rowCount">R</param>
/// <param name="size">K</param>
/// <param name="epsilon">Added to the mean square.</param>
internal sealed unsafe class RowNorm(int rowCount, int size, float epsilon)
{
    private readonly int _vectorEnd = size - (size % Vector256<float>.Count);

    private delegate void RowAction(float* x, float* target);

    /// <summary>Normalizes rows.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="normed">[R, K]; written.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal void Apply(float* x, float* normed, int threadCount) => OfEachRow(x, normed, threadCount, Scale);

    /// <summary>Overwrites the gradient of the normed rows with that of x: f · (g − n · mean(g · n)), with n = f · x.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="gradient">[R, K]; written.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal void Gradient(float* x, float* gradient, int threadCount) => OfEachRow(x, gradient, threadCount, GradientOfRow);

    private float Factor(float* row) => 1 / MathF.Sqrt((Product(row, row) / size) + epsilon);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GradientOfRow(float* row, float* g)
    {
        var factor = Factor(row);
        var mean = factor * factor * Product(row, g) / size;
        var (factors, means) = (Vector256.Create(factor), Vector256.Create(mean));
        for (var i = 0; i < _vectorEnd; i += Vector256<float>.Count)
            (factors * (Vector256.Load(g + i) - (means * Vector256.Load(row + i)))).Store(g + i);
        for (var i = _vectorEnd; i < size; i++)
            g[i] = factor * (g[i] - (mean * row[i]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scale(float* row, float* target)
    {
        var factor = Factor(row);
        var factors = Vector256.Create(factor);
        for (var i = 0; i < _vectorEnd; i += Vector256<float>.Count)
            (factors * Vector256.Load(row + i)).Store(target + i);
        for (var i = _vectorEnd; i < size; i++)
            target[i] = factor * row[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Product(float* a, float* b)
    {
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero); // two accumulators hide the latency of FMA
        var i = 0;
        for (; i + (2 * Vector256<float>.Count) <= _vectorEnd; i += 2 * Vector256<float>.Count)
        {
            even = Vector256.MultiplyAddEstimate(Vector256.Load(a + i), Vector256.Load(b + i), even);
            odd = Vector256.MultiplyAddEstimate(Vector256.Load(a + i + Vector256<float>.Count), Vector256.Load(b + i + Vector256<float>.Count), odd);
        }

        for (; i < _vectorEnd; i += Vector256<float>.Count)
            even = Vector256.MultiplyAddEstimate(Vector256.Load(a + i), Vector256.Load(b + i), even);
        var sum = Vector256.Sum(even + odd);
        for (; i < size; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private void OfEachRow(float* x, float* target, int threadCount, RowAction action) =>
        ParallelRows.For(rowCount, size, threadCount, row => action(x + ((long)row * size), target + ((long)row * size)));
}
