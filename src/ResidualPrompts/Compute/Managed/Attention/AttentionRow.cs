using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>
/// Softmax and its gradient for one query's row of logits. Rows are padded to whole vectors, of at most <see cref="MaxVectorSize"/> elements; the
/// padding gets weight 0.
/// </summary>
internal abstract unsafe class AttentionRow
{
    /// <summary>Elements of the widest vector.</summary>
    internal const int MaxVectorSize = 16;

    private static readonly AttentionRow? Avx512 = Avx512Vectors.IsSupported ? new VectorAttentionRow<Avx512Vectors, Vector512<float>>() : null;
    private static readonly AttentionRow? Avx2 = Avx2Vectors.IsSupported ? new VectorAttentionRow<Avx2Vectors, Vector256<float>>() : null;

    /// <summary>With the vectors of a micro-kernel.</summary>
    internal static AttentionRow Of(MicroKernel kernel) =>
        (kernel == MicroKernel.Avx512 ? Avx512 : Avx2) ?? throw new PlatformNotSupportedException("This processor lacks the micro-kernel's vectors.");

    /// <summary>mask · softmax(scale · row + bias) in place.</summary>
    /// <param name="row">[count], writable up to a whole vector.</param>
    /// <param name="bias">[count], readable up to a whole vector; or null.</param>
    /// <param name="mask">Factor of each weight, readable up to a whole vector; or null.</param>
    /// <param name="count">Keys.</param>
    /// <param name="scale">The factor.</param>
    internal abstract void Softmax(float* row, float* bias, float* mask, int count, float scale);

    /// <summary>
    /// Overwrites the gradient of the dropped weights with the gradient of the logits before scale and bias, and the weights with the dropped
    /// weights.
    /// </summary>
    /// <param name="weights">Result of <see cref="Softmax"/> without a mask.</param>
    /// <param name="gradient">Gradient of the dropped weights, [count], writable up to a whole vector.</param>
    /// <param name="mask">Factor of each weight, or null.</param>
    /// <param name="count">Keys.</param>
    /// <param name="scale">The factor.</param>
    internal abstract void Gradient(float* weights, float* gradient, float* mask, int count, float scale);
}
