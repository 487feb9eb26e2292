using ResidualPrompts.Native;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Native;

public class WideProductsTests
{
    private const string Reason = "this processor has no use for them";

    // Rests of every kind: oneDNN is wrong about some of these by itself.
    private static readonly long[] Sizes = [1, 7, 16, 20, 28, 33, 48, 64, 80, 100, 192, 300, 768];

    [Fact]
    public void Products_and_gradients_are_those_of_libtorch_for_every_shape()
    {
        Assert.SkipUnless(WideProducts.AreFaster, Reason);
        foreach (var rowCount in new long[] { 64, 96, 100, 301 })
        {
            foreach (var inner in Sizes)
            {
                foreach (var columns in Sizes)
                {
                    using var scope = NewDisposeScope();
                    var (x, weight, g) = (randn(rowCount, inner), randn(columns, inner), randn(rowCount, columns));
                    for (var round = 0; round < 2; round++) // old memory may hold what the first has left
                    {
                        var frozen = new WideProducts.FrozenWeight(weight);
                        TensorAssert.Close(WideProducts.Product(x, frozen), nn.functional.linear(x, weight), 1e-5 * inner);
                        TensorAssert.Close(WideProducts.Gradient(g, frozen), g.mm(weight), 1e-5 * columns);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(64)] // as it is
    [InlineData(70)] // by libtorch
    [InlineData(300)] // with the weight turned round
    public void A_gradient_is_that_of_libtorch(int rowCount)
    {
        Assert.SkipUnless(WideProducts.AreFaster, Reason);
        using var scope = NewDisposeScope();
        var (x, weight, g) = (randn(rowCount, 128), randn(64, 128), randn(rowCount, 64));
        x.requires_grad_(true);
        WideProducts.Linear(x, weight).relu_().backward([g]);
        var gradient = x.grad!.clone();
        x.grad!.zero_();
        nn.functional.linear(x, weight).relu_().backward([g]);
        TensorAssert.Close(gradient, x.grad!, 1e-3);
    }

    [Fact]
    public void A_collection_in_the_midst_changes_no_gradient()
    {
        Assert.SkipUnless(WideProducts.AreFaster, Reason);
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
            TensorAssert.Close(Gradient(WideProducts.Linear, collects: i % 2 == 0), expected, 1e-4);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("default", true)]
    [InlineData("AVX512_CORE_VNNI", true)]
    [InlineData("avx10_1_512", true)]
    [InlineData("AVX2", false)]
    [InlineData("AVX2_VNNI", false)]
    [InlineData("SSE41", false)]
    public void A_user_can_hold_them_back(string? limit, bool isAllowed) => WideProducts.IsAllowed(limit).Should().Be(isAllowed);
}
