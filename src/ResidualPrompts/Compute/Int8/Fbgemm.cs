using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ResidualPrompts.Native;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// The 8-bit products of FBGEMM, which is part of libtorch and uses the byte instructions of AVX-512, which .NET does not expose. Reached by
/// TorchScript, since TorchSharp has no function for them.
/// </summary>
internal static class Fbgemm
{
    internal const string Name = "fbgemm";

    // The multiplication looks at the first matrix only for its shape.
    private const string Script = """
        def pack(weight: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
            quantized, offsets, scale, zero_point = torch.fbgemm_linear_quantize_weight(weight)
            packed = torch.fbgemm_pack_quantized_matrix(quantized)
            sums = quantized.to(3).sum([1]) - quantized.size(1) * zero_point
            return packed, offsets, sums, torch.full([1], scale, dtype=7), torch.full([1], zero_point, dtype=4)

        def multiply(x: Tensor, shaped: Tensor, packed: Tensor, offsets: Tensor, scale: float, zero_point: int, bias: Tensor) -> Tensor:
            return torch.fbgemm_linear_int8_weight_fp32_activation(x, shaped, packed, offsets, scale, zero_point, bias)

        """;

    private const int Avx512Vnni = 1 << 11; // of ECX of leaf 7
    private const int ErrorsOnly = 2;

    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile(Script));
    private static readonly Lazy<bool> Support = new(() => HasInstructions && IsRight());

    /// <summary>Whether processor and libtorch have them. Where the processor lacks the instructions, FBGEMM's sums can saturate.</summary>
    internal static bool IsSupported => Support.Value;

    private static bool HasInstructions => Avx512BW.IsSupported && (X86Base.CpuId(7, 0).Ecx & Avx512Vnni) != 0;

    /// <summary>Quantizes and packs a weight with one scale for all of it.</summary>
    /// <param name="weight">float32[N, K]</param>
    internal static (Tensor Packed, Tensor Offsets, Tensor Sums, double Scale, long ZeroPoint) Pack(Tensor weight)
    {
        var (packed, offsets, sums, scale, zeroPoint) = ((Tensor, Tensor, Tensor, Tensor, Tensor))Unit.Value.invoke("pack", weight);
        using (scale)
        using (zeroPoint)
            return (packed, offsets, sums, scale.item<double>(), zeroPoint.item<long>());
    }

    /// <summary>x · weightᵀ, x quantized with one scale for all of it, from its smallest element (or zero) to its largest (or zero).</summary>
    /// <param name="x">float32[R, K]</param>
    /// <param name="shaped">i8[N, K] of any values.</param>
    /// <param name="packed">The packed weight.</param>
    /// <param name="offsets">Its offsets.</param>
    /// <param name="scale">Its scale.</param>
    /// <param name="zeroPoint">Its zero point.</param>
    /// <param name="bias">float32[N]</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Multiply(Tensor x, Tensor shaped, Tensor packed, Tensor offsets, double scale, long zeroPoint, Tensor bias) =>
        (Tensor)Unit.Value.invoke("multiply", x, shaped, packed, offsets, scale, zeroPoint, bias);

    /// <summary>
    /// Tries a product. Each function warns at its first call that a later libtorch will not have it; whoever brings a later libtorch then computes
    /// with a kernel of this library.
    /// </summary>
    private static unsafe bool IsRight()
    {
        using var scope = NewDisposeScope();
        var level = (int*)LibTorch.TryFind("FLAGS_caffe2_log_level");
        var before = level is null ? 0 : *level;
        try
        {
            if (level is not null)
                *level = ErrorsOnly;
            using var products = new FbgemmProducts();
            var x = arange(12, ScalarType.Float32).view(3, 4);
            return products.Linear(x, null, x)[0].allclose(x.mm(x.t()), rtol: 0.02, atol: 0.5);
        }
        catch (Exception e) when (e is ExternalException or InvalidOperationException or InvalidCastException)
        {
            return false;
        }
        finally
        {
            if (level is not null)
                *level = before;
        }
    }
}
