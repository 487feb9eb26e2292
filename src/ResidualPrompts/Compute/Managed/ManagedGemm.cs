using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// Products of rows with a frozen weight by kernels of this library. libtorch gives products of float32 to MKL, which takes vectors of 512 bits
/// on Intel's processors only: on others that have them, half of every multiplier is left unused. On Intel's, MKL is left its work.
/// </summary>
internal static class ManagedGemm
{
    private static readonly bool IsIntel = X86Base.IsSupported && X86Base.CpuId(0, 0) is (_, 0x756E6547, 0x6C65746E, 0x49656E69); // "Genu", "ntel", "ineI"

    /// <summary>Whether they are faster on this machine than libtorch's own.</summary>
    internal static bool AreFaster => MicroKernel.Fastest is not null && !IsIntel;

    /// <summary>Whether they can take these operands.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    internal static bool CanTake(Tensor x, Tensor weight) =>
        x.dtype == ScalarType.Float32 && weight.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && !weight.requires_grad
        && x.numel() > 0 && CanHold(x.numel()) && CanHold(weight.numel()) && CanHold(x.numel() / x.shape[^1] * weight.shape[0]);

    /// <summary>Whether self-attention with this bias can be <see cref="ManagedAttention"/>.</summary>
    /// <param name="bias">The position bias's weight.</param>
    /// <param name="projectedCount">Elements of queries, keys and values together.</param>
    internal static bool CanAttend(Tensor bias, long projectedCount) =>
        bias.dtype == ScalarType.Float32 && bias.device_type == DeviceType.CPU && !bias.requires_grad && CanHold(projectedCount);

    /// <summary>Whether cross-attention that absorbs these projections can be <see cref="ManagedCrossAttention"/>.</summary>
    /// <param name="states">What is attended to.</param>
    /// <param name="k">Projects keys.</param>
    /// <param name="v">Projects values.</param>
    /// <param name="wideCount">Elements of all wide queries.</param>
    internal static bool CanAbsorb(Tensor states, Tensor k, Tensor v, long wideCount) =>
        new[] { states, k, v }.All(operand => operand.dtype == ScalarType.Float32 && operand.device_type == DeviceType.CPU && CanHold(operand.numel()))
        && !k.requires_grad && !v.requires_grad && CanHold(wideCount);

    /// <summary>x · weightᵀ. The gradient reaches x and keeps nothing but the weight.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="weight">float32[N, K] on the CPU, without gradient.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Linear(Tensor x, Tensor weight) =>
        x.requires_grad && is_grad_enabled() ? FrozenGemm.Apply(x, weight) : Product(x, weight);

    /// <summary>norm(x) · weightᵀ with T5's norm without a gain. The gradient reaches x.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="epsilon">The norm's.</param>
    /// <param name="weight">float32[N, K] on the CPU, without gradient.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor NormedLinear(Tensor x, double epsilon, Tensor weight) =>
        x.requires_grad && is_grad_enabled() ? NormedGemm.Apply(x, epsilon, weight) : NormedGemm.Compute(x, epsilon, weight);

    /// <summary>x · weightᵀ without a graph.</summary>
    internal static Tensor Product(Tensor x, Tensor weight) => Multiply(Kernel, x, weight, isTransposed: true, get_num_threads());

    /// <summary>g · weight without a graph, float32[R, N] and float32[N, K] → float32[R, K].</summary>
    internal static Tensor Gradient(Tensor g, Tensor weight) => Multiply(Kernel, g, weight, isTransposed: false, get_num_threads());

    /// <summary>a · b, or a · bᵀ where b is turned, without a graph.</summary>
    internal static unsafe Tensor Multiply(MicroKernel kernel, Tensor a, Tensor b, bool isTransposed, int threadCount)
    {
        using var noGradients = no_grad();
        using var left = a.contiguous();
        using var right = b.contiguous();
        var columnCount = b.shape[isTransposed ? 0 : 1];
        var product = empty(a.shape[0], columnCount);
        fixed (byte* leftStart = left.bytes, rightStart = right.bytes, start = product.bytes)
        {
            var piece = new MatrixView((float*)rightStart, (nint)b.shape[1]);
            new BlockedGemm(
                kernel, new MatrixView((float*)leftStart, (nint)a.shape[1]), isTransposed ? piece.Transposed : piece, new MatrixView((float*)start, (nint)columnCount),
                (int)a.shape[0], (int)a.shape[1], (int)columnCount).Run(threadCount);
        }

        return product;
    }

    internal static MicroKernel Kernel => MicroKernel.Fastest ?? throw new PlatformNotSupportedException("This processor has no vectors of 256 bits.");

    private static bool CanHold(long count) => count <= int.MaxValue / sizeof(float);
}
