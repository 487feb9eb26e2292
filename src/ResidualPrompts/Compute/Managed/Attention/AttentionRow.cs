using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>
/// Softmax and its gradient for one query's row of logits. Rows are padded to whole vectors of <see cref="VectorSize"/>; the padding gets weight 0.
/// </summary>
internal static unsafe class AttentionRow
{
    /// <summary>Elements of a vector.</summary>
    internal const int VectorSize = 8;

    /// <summary>softmax(scale · row + bias) in place.</summary>
    /// <param name="row">[count], writable up to a whole vector.</param>
    /// <param name="bias">[count], readable up to a whole vector; or null.</param>
    /// <param name="count">Keys.</param>
    /// <param name="scale">The factor.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Softmax(float* row, float* bias, int count, float scale)
    {
        Fill(row, count, float.NegativeInfinity);
        var factor = Vector256.Create(scale);
        var largest = Vector256.Create(float.NegativeInfinity);
        for (var i = 0; i < count; i += VectorSize)
        {
            var added = bias is null ? Vector256<float>.Zero : Vector256.Load(bias + i);
            var logits = Vector256.MultiplyAddEstimate(Vector256.Load(row + i), factor, added);
            largest = Vector256.Max(largest, logits);
            logits.Store(row + i);
        }

        var shift = Vector256.Create(Largest(largest));
        var sums = Vector256<float>.Zero;
        for (var i = 0; i < count; i += VectorSize)
        {
            var weights = Vector256.Exp(Vector256.Load(row + i) - shift);
            sums += weights;
            weights.Store(row + i);
        }

        var share = Vector256.Create(1 / Vector256.Sum(sums));
        for (var i = 0; i < count; i += VectorSize)
            (Vector256.Load(row + i) * share).Store(row + i);
    }

    /// <summary>weights · mask in place; unchanged where the mask is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Drop(float* weights, float* mask, int count)
    {
        if (mask is null)
            return;
        for (var i = 0; i < count; i += VectorSize)
            (Vector256.Load(weights + i) * Vector256.Load(mask + i)).Store(weights + i);
    }

    /// <summary>
    /// Overwrites the gradient of the dropped weights with the gradient of the logits before scale and bias, and the weights with the dropped
    /// weights.
    /// </summary>
    /// <param name="weights">Result of <see cref="Softmax"/>.</param>
    /// <param name="gradient">Gradient of the dropped weights, [count], writable up to a whole vector.</param>
    /// <param name="mask">Factor of each weight, or null.</param>
    /// <param name="count">Keys.</param>
    /// <param name="scale">The factor.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Gradient(float* weights, float* gradient, float* mask, int count, float scale)
    {
        Fill(gradient, count, 0);
        Drop(gradient, mask, count);
        var sums = Vector256<float>.Zero;
        for (var i = 0; i < count; i += VectorSize)
            sums += Vector256.Load(weights + i) * Vector256.Load(gradient + i);
        var mean = Vector256.Create(Vector256.Sum(sums));
        var factor = Vector256.Create(scale);
        for (var i = 0; i < count; i += VectorSize)
            (Vector256.Load(weights + i) * (Vector256.Load(gradient + i) - mean) * factor).Store(gradient + i);
        Drop(weights, mask, count);
    }

    private static void Fill(float* row, int count, float value)
    {
        for (; count % VectorSize != 0; count++)
            row[count] = value;
    }

    private static float Largest(Vector256<float> values)
    {
        var largest = float.NegativeInfinity;
        for (var i = 0; i < VectorSize; i++)
            largest = Math.Max(largest, values[i]);
        return largest;
    }
}
