using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// Products of rows with frozen weights in 8-bit integers. A weight is quantized once, row by row, at its first use; its left operand is
/// quantized for every product (dynamic quantization). A row's result does not depend on the other rows or the threads.
/// </summary>
internal sealed class Int8Gemm : IInt8Products
{
    private const int MaxInner = int.MaxValue / (byte.MaxValue * sbyte.MaxValue); // a 32-bit sum does not overflow

    private readonly Int8MicroKernel _kernel;
    private readonly QuantizedWeights<Int8Weight> _weights;

    /// <summary>Multiplies with a kernel.</summary>
    /// <param name="kernel">The kernel, which the processor must support; null = the fastest.</param>
    internal Int8Gemm(Int8MicroKernel? kernel = null)
    {
        _kernel = kernel ?? Int8MicroKernel.Fastest!;
        _weights = new(weight => new Int8Weight(weight, _kernel));
    }

    public bool CanMultiply(Tensor x, Tensor weight) => ManagedGemm.CanTake(x, weight) && weight.shape[1] <= MaxInner;

    /// <summary>x · weightᵀ for every weight, without a graph.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="epsilon">Epsilon of T5's norm without a gain, applied to the rows first; null = no norm.</param>
    /// <param name="weights">float32[N, K] on the CPU; they must never change.</param>
    /// <returns>float32[R, N] for each weight.</returns>
    public Tensor[] Linear(Tensor x, double? epsilon, params ReadOnlySpan<Tensor> weights)
    {
        using var rows = new Int8Rows(x, epsilon, _kernel.LargestByte);
        var products = new Tensor[weights.Length];
        for (var i = 0; i < products.Length; i++)
            products[i] = Multiply(_kernel, rows, _weights.Of(weights[i]), get_num_threads());
        return products;
    }

    /// <summary>rows · weightᵀ</summary>
    internal static unsafe Tensor Multiply(Int8MicroKernel kernel, Int8Rows rows, Int8Weight weight, int threadCount)
    {
        var product = empty(rows.RowCount, weight.RowCount);
        fixed (byte* start = product.bytes)
            new Int8Product(kernel, rows, weight, MatrixView.Of(start, weight.RowCount)).Run(threadCount);
        return product;
    }

    public void Dispose() => _weights.Dispose();
}
