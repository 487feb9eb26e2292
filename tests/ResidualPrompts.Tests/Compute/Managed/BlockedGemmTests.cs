using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Managed;

public sealed class BlockedGemmTests
{
    // With rests of every kind: of vectors, tiles, panels and blocks.
    private static readonly int[] RowCounts = [1, 5, 6, 7, 8, 24, 255, 257, 600];
    private static readonly int[] Sizes = [1, 7, 16, 31, 32, 33, 100, 384, 385, 769];

    [Theory]
    [InlineData("avx2", 1)]
    [InlineData("avx2", 2)]
    [InlineData("avx512", 1)]
    [InlineData("avx512", 2)]
    [InlineData("avx512", 5)]
    public void A_product_of_any_shape_is_that_of_libtorch(string kernelName, int threadCount)
    {
        var kernel = Kernel(kernelName);
        foreach (var rowCount in RowCounts)
        {
            foreach (var inner in Sizes)
            {
                foreach (var columns in Sizes)
                {
                    using var scope = NewDisposeScope();
                    var (a, b) = (randn(rowCount, inner), randn(inner, columns));
                    var expected = a.to(ScalarType.Float64).mm(b.to(ScalarType.Float64)).to(ScalarType.Float32);
                    var tolerance = 1e-5 * Math.Sqrt(inner);
                    TensorAssert.Close(ManagedGemm.Multiply(kernel, a, b, isTransposed: false, threadCount), expected, tolerance);
                    TensorAssert.Close(ManagedGemm.Multiply(kernel, a, b.t().contiguous(), isTransposed: true, threadCount), expected, tolerance);
                }
            }
        }
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("avx512")]
    public void The_number_of_threads_changes_no_bit(string kernelName)
    {
        var kernel = Kernel(kernelName);
        using var scope = NewDisposeScope();
        var (a, b) = (randn(601, 770), randn(770, 1001));
        var expected = ManagedGemm.Multiply(kernel, a, b, isTransposed: false, 1);
        foreach (var threadCount in new[] { 2, 3, 7, 64 })
            ManagedGemm.Multiply(kernel, a, b, isTransposed: false, threadCount).data<float>().ToArray()
                .Should().Equal(expected.data<float>().ToArray());
    }

    private static MicroKernel Kernel(string name)
    {
        var kernel = name == "avx512" ? MicroKernel.Avx512 : MicroKernel.Avx2;
        Assert.SkipWhen(kernel is null, $"this processor has no {name}");
        return kernel;
    }
}
