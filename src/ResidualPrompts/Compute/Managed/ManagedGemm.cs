using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>Products of rows with a frozen weight, with the fastest <see cref="MicroKernel"/>.</summary>
internal static class ManagedGemm
{
    /// <summary>Whether the kernels support these operands.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    internal static bool CanTake(Tensor x, Tensor weight) =>
        x.dtype == ScalarType.Float32 && weight.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && !weight.requires_grad
        && x.numel() > 0 && CanHold(x.numel()) && CanHold(weight.numel()) && CanHold(x.numel() / x.shape[^1] * weight.shape[0]);

    /// <summary>x · weightᵀ, with a gradient for x, which needs only the weight.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="weight">float32[N, K] on the CPU, without gradient.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Linear(Tensor x, Tensor weight) =>
        x.requires_grad && is_grad_enabled() ? FrozenGemm.Apply(x, weight) : Product(x, weight);

    /// <summary>norm(x) · weightᵀ with T5's norm without a gain, and a gradient for x.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="epsilon">Epsilon of the norm.</param>
    /// <param name="weight">float32[N, K] on the CPU, without gradient.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor NormedLinear(Tensor x, double epsilon, Tensor weight) =>
        x.requires_grad && is_grad_enabled() ? NormedGemm.Apply(x, epsilon, weight) : NormedGemm.Compute(x, epsilon, weight);

    /// <summary>x · weightᵀ without a graph.</summary>
    internal static Tensor Product(Tensor x, Tensor weight) => Multiply(Kernel, x, weight, isTransposed: true, get_num_threads());

    /// <summary>g · weight without a graph, float32[R, N] and float32[N, K] → float32[R, K].</summary>
    internal static Tensor Gradient(Tensor g, Tensor weight) => Multiply(Kernel, g, weight, isTransposed: false, get_num_threads());

    /// <summary>a · b, or a · bᵀ, without a graph.</summary>
    internal static unsafe Tensor Multiply(MicroKernel kernel, Tensor a, Tensor b, bool isTransposed, int threadCount)
    {
        using var noGradients = no_grad();
        using var left = a.contiguous();
        using var right = b.contiguous();
        var columnCount = b.shape[isTransposed ? 0 : 1];
        var product = empty(a.shape[0], columnCount);
        fixed (byte* leftStart = left.bytes, rightStart = right.bytes, start = product.bytes)
        {
            var view = MatrixView.Of(rightStart, b.shape[1]);
            new BlockedGemm(
                kernel, MatrixView.Of(leftStart, a.shape[1]), isTransposed ? view.Transposed : view, MatrixView.Of(start, columnCount),
                (int)a.shape[0], (int)a.shape[1], (int)columnCount).Run(threadCount);
        }

        return product;
    }

    internal static MicroKernel Kernel =>
        MicroKernel.Fastest ?? throw new PlatformNotSupportedException("The managed kernels need a processor with AVX2 and FMA.");

    /// <summary>Whether 32-bit byte offsets reach all elements.</summary>
    internal static bool CanHold(long count) => count <= int.MaxValue / sizeof(float);
}
