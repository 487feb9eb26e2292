using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Managed;

public sealed class ManagedGemmTests
{
    private const double Epsilon = 1e-6;
    private static readonly TensorOps LibTorch = new(OperationKernels.LibTorch);
    private const string Reason = "this processor has no vectors for them";

    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(70)]
    [InlineData(300)]
    public void A_gradient_is_that_of_libtorch(int rowCount)
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var (x, weight, g) = (randn(rowCount, 128), randn(33, 128), randn(rowCount, 33));
        x.requires_grad_(true);
        ManagedGemm.Linear(x, weight).relu_().backward([g]);
        var gradient = x.grad!.clone();
        x.grad!.zero_();
        nn.functional.linear(x, weight).relu_().backward([g]);
        TensorAssert.Close(gradient, x.grad!, 1e-4);
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(24, 50)] // no multiple of a vector
    [InlineData(300, 7)]
    [InlineData(700, 96)] // enough for several threads
    public void A_norm_goes_into_a_product_with_its_gradient(int rowCount, int size)
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var (x, weight, g) = (randn(rowCount, size), randn(33, size), randn(rowCount, 33));
        x[0].mul_(1e-4); // where epsilon counts
        x.requires_grad_(true);
        var product = ManagedGemm.NormedLinear(x, Epsilon, weight);
        product.backward([g]);
        var gradient = x.grad!.clone();
        x.grad!.zero_();
        var expected = nn.functional.linear(LibTorch.Norm(x, null, Epsilon), weight);
        expected.backward([g]);
        TensorAssert.Close(product, expected, 1e-4);
        TensorAssert.Close(gradient / (1 + x.grad!.abs()), x.grad! / (1 + x.grad!.abs()), 1e-4);
        TensorAssert.Close(ManagedGemm.NormedLinear(x.detach().t().contiguous().t(), Epsilon, weight), product, 0); // without a graph, of a view
    }

    [Fact]
    public void Operands_may_be_views()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(40, 50).t().requires_grad_(true), randn(64, 40).narrow(0, 3, 48));
        var product = ManagedGemm.Linear(x, weight);
        TensorAssert.Close(product, x.mm(weight.t()), 1e-4);
        product.sum().backward(); // of a gradient that is one number
        TensorAssert.Close(x.grad!, weight.sum(dim: 0).expand(50, 40), 1e-4);
    }

    [Fact]
    public void A_collection_in_the_midst_changes_no_gradient()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var weights = Enumerable.Range(0, 6).Select(_ => randn(64, 64) / 8).ToArray();
        var x = randn(64, 64).requires_grad_(true);
        Tensor Gradient(Func<Tensor, Tensor, Tensor> linear, bool collects)
        {
            using var inner = NewDisposeScope();
            x.grad?.zero_();
            var y = x;
            foreach (var weight in weights)
            {
                y = linear(y, weight).relu_();
                if (collects)
                    GC.Collect();
            }

            if (collects)
                GC.WaitForPendingFinalizers();
            y.sum().backward();
            return x.grad!.clone().MoveToOuterDisposeScope();
        }

        var expected = Gradient((rows, weight) => nn.functional.linear(rows, weight), collects: false);
        for (var i = 0; i < 20; i++)
            TensorAssert.Close(Gradient(ManagedGemm.Linear, collects: i % 2 == 0), expected, 1e-4);
    }

    [Fact]
    public void They_take_frozen_weights_of_float32_alone()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(8, 4), randn(6, 4));
        ManagedGemm.CanTake(x, weight).Should().BeTrue();
        ManagedGemm.CanTake(x.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16)).Should().BeFalse();
        ManagedGemm.CanTake(x.to(ScalarType.Float64), weight.to(ScalarType.Float64)).Should().BeFalse();
        ManagedGemm.CanTake(randn(0, 4), weight).Should().BeFalse();
        ManagedGemm.CanTake(x, weight.clone().requires_grad_(true)).Should().BeFalse();
    }
}
