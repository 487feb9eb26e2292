using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Managed;

public sealed class ManagedNormTests
{
    private const double Epsilon = 1e-6;
    private static readonly TensorOps LibTorch = new(OperationKernels.LibTorch);

    [Theory]
    [InlineData(true, 1, 128)]
    [InlineData(false, 24, 50)] // no multiple of a vector
    [InlineData(true, 300, 7)]
    [InlineData(false, 700, 96)] // enough for several threads
    public void Norm_and_gradient_are_those_of_libtorch_in_float64(bool hasGain, int rowCount, int size)
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, ComputingKernels.Reason);
        using var scope = NewDisposeScope();
        using var ops = new TensorOps(Computing.Mixed.Kernels());
        var (start, gain, g) = (randn(2, rowCount, size), hasGain ? 1 + (0.2 * randn(size)) : null, randn(2, rowCount, size));
        start[0, 0].mul_(1e-4); // where epsilon counts
        (Tensor Norm, Tensor X) Compute(TensorOps computing, ScalarType type)
        {
            var x = start.to_type(type).clone().requires_grad_(true);
            var norm = computing.Norm(x, gain?.to_type(type), Epsilon);
            norm.backward([g.to_type(type)]);
            return (norm.detach(), x.grad!);
        }

        var managed = Compute(ops, ScalarType.Float32);
        var expected = Compute(LibTorch, ScalarType.Float64);
        void Same(Tensor one, Tensor other) =>
            TensorAssert.Close(one / (1 + other.abs()).to_type(ScalarType.Float32), (other / (1 + other.abs())).to_type(ScalarType.Float32), 1e-5);
        Same(managed.Norm, expected.Norm);
        Same(managed.X, expected.X);
        TensorAssert.Equal(ManagedNorm.Norm(start, Epsilon), ManagedNorm.Norm(start.clone().requires_grad_(true), Epsilon)); // without a graph
        TensorAssert.Equal(ManagedNorm.Norm(start.transpose(1, 2).contiguous().transpose(1, 2), Epsilon), ManagedNorm.Norm(start, Epsilon));
    }

    [Fact]
    public void A_norm_before_products_by_libtorch_has_the_bits_of_the_norm_alone()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, ComputingKernels.Reason);
        using var scope = NewDisposeScope();
        using var ops = new TensorOps(Computing.Mixed.Kernels());
        var (x, weights) = (randn(40, 64), new[] { randn(33, 64), randn(20, 64) });
        var products = ops.NormedLinear(x, null, Epsilon, weights);
        var normed = ManagedNorm.Norm(x, Epsilon);
        foreach (var (product, weight) in products.Zip(weights))
            TensorAssert.Equal(product, nn.functional.linear(normed, weight));
    }

    [Fact]
    public void A_gain_that_trains_is_left_to_libtorch()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, ComputingKernels.Reason);
        using var scope = NewDisposeScope();
        using var ops = new TensorOps(Computing.Managed.Kernels());
        var (x, gain) = (randn(40, 64), (1 + (0.2 * randn(64))).requires_grad_(true));
        TensorAssert.Equal(ops.Norm(x, gain, Epsilon), LibTorch.Norm(x, gain, Epsilon));
    }

    [Fact]
    public void A_gradient_that_is_one_number_for_all_is_read_and_not_written()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, ComputingKernels.Reason);
        using var scope = NewDisposeScope();
        var x = randn(5, 12).requires_grad_(true);
        LibTorch.Norm(x, null, Epsilon).sum().backward();
        var expected = x.grad!.clone();
        x.grad!.zero_();
        ManagedNorm.Norm(x, Epsilon).sum().backward();
        TensorAssert.Close(x.grad!, expected, 1e-4);
    }
}
