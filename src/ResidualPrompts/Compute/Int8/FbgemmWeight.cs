using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>A frozen weight [N, K] in bytes, packed for <see cref="Fbgemm"/>, with a scale per row.</summary>
internal sealed class FbgemmWeight : IDisposable
{
    private readonly Tensor _shaped; // i8[N, K] that takes no memory
    private readonly Tensor _packed, _offsets;
    private readonly Tensor _noBias; // [N], zeros
    private readonly Tensor _scales; // [N], the largest absolute value of each row
    private readonly Tensor _sums; // [N], the sum of each row's quantized values
    private readonly double _scale; // of the rows divided by their scales
    private readonly long _zeroPoint;

    /// <summary>Quantizes a weight.</summary>
    /// <param name="weight">float32[N, K] on the CPU.</param>
    internal FbgemmWeight(Tensor weight)
    {
        using var scope = NewDisposeScope();
        var largest = weight.abs().amax([1], keepdim: true); // [N, 1]
        var canDivide = largest.isfinite() & (largest >= Int8MicroKernel.LeastScale);
        var unit = where(canDivide, weight / largest, zeros_like(weight)); // [N, K] within −1 to 1
        (_packed, _offsets, var sums, _scale, _zeroPoint) = Fbgemm.Pack(unit);
        _scales = where(largest.isfinite(), where(canDivide, largest, zeros_like(largest)), full_like(largest, float.NaN)).squeeze(1);
        _sums = sums.to(ScalarType.Float32) * (float)_scale * _scales;
        _noBias = zeros(weight.shape[0]);
        _shaped = zeros(1, ScalarType.Int8).expand(weight.shape);
        foreach (var tensor in new[] { _packed, _offsets, _scales, _sums, _noBias, _shaped })
            tensor.DetachFromDisposeScope();
    }

    /// <summary>rows · weightᵀ</summary>
    /// <returns>float32[R, N]</returns>
    internal Tensor Multiply(UnitRows rows)
    {
        using var products = Fbgemm.Multiply(rows.Values, _shaped, _packed, _offsets, _scale, _zeroPoint, _noBias); // [R + 1, N]
        return rows.Restore(products, _scales, _sums);
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { _packed, _offsets, _scales, _sums, _noBias, _shaped })
            tensor.Dispose();
    }
}
