using System.Runtime.CompilerServices;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>The rows of attention for one instruction set.</summary>
/// <typeparam name="TVectors">The instruction set.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
internal sealed unsafe class VectorAttentionRow<TVectors, TVector> : AttentionRow
    where TVectors : struct, ISimdVectors<TVector>
    where TVector : unmanaged
{
    private static int VectorSize => sizeof(TVector) / sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Softmax(float* row, float* bias, float* mask, int count, float scale)
    {
        Fill(row, count, float.NegativeInfinity);
        var factor = TVectors.Broadcast(scale);
        var largest = TVectors.Broadcast(float.NegativeInfinity);
        for (var i = 0; i < count; i += VectorSize)
        {
            var added = bias is null ? default : TVectors.Load(bias + i);
            var logits = TVectors.MultiplyAdd(TVectors.Load(row + i), factor, added);
            largest = TVectors.Max(largest, logits); // a NaN may get lost here, but not in the sum
            TVectors.Store(logits, row + i);
        }

        var shift = TVectors.Broadcast(TVectors.Largest(largest));
        var sums = default(TVector);
        for (var i = 0; i < count; i += VectorSize)
        {
            var weights = VectorExp<TVectors, TVector>.Of(TVectors.Subtract(TVectors.Load(row + i), shift));
            sums = TVectors.Add(sums, weights);
            TVectors.Store(weights, row + i);
        }

        var share = TVectors.Broadcast(1 / TVectors.Sum(sums));
        for (var i = 0; i < count; i += VectorSize)
        {
            var weights = TVectors.Multiply(TVectors.Load(row + i), share);
            TVectors.Store(mask is null ? weights : TVectors.Multiply(weights, TVectors.Load(mask + i)), row + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Gradient(float* weights, float* gradient, float* mask, int count, float scale)
    {
        Fill(gradient, count, 0);
        var sums = default(TVector);
        for (var i = 0; i < count; i += VectorSize)
        {
            var upper = TVectors.Load(gradient + i);
            if (mask is not null)
            {
                upper = TVectors.Multiply(upper, TVectors.Load(mask + i));
                TVectors.Store(upper, gradient + i);
            }

            sums = TVectors.MultiplyAdd(TVectors.Load(weights + i), upper, sums);
        }

        var mean = TVectors.Broadcast(TVectors.Sum(sums));
        var factor = TVectors.Broadcast(scale);
        for (var i = 0; i < count; i += VectorSize)
        {
            var weight = TVectors.Load(weights + i);
            var share = TVectors.Multiply(weight, TVectors.Subtract(TVectors.Load(gradient + i), mean));
            TVectors.Store(TVectors.Multiply(share, factor), gradient + i);
            if (mask is not null)
                TVectors.Store(TVectors.Multiply(weight, TVectors.Load(mask + i)), weights + i);
        }
    }

    private static void Fill(float* row, int count, float value)
    {
        for (; count % VectorSize != 0; count++)
            row[count] = value;
    }
}
