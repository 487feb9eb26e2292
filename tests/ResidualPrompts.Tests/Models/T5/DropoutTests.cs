using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.T5.Modules;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.T5;

public sealed class DropoutTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Drops_the_rate_and_scales_what_stays(double rate)
    {
        using var scope = NewDisposeScope();
        var dropped = new Dropout(rate, 42).Apply(ones(1000, 333));
        var zeroShare = dropped.eq(0).to_type(ScalarType.Float64).mean().item<double>();
        zeroShare.Should().BeApproximately(rate, 0.003);
        dropped[dropped.ne(0)].unique().output.data<float>().ToArray().Should().Equal((float)(1 / (1 - rate)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_masks_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        static (Tensor First, Tensor Second) Masks(ulong seed)
        {
            var dropout = new Dropout(0.3, seed);
            return (dropout.Apply(ones(97, 5)), dropout.Apply(ones(97, 5)));
        }

        var (first, second) = Masks(7);
        TensorAssert.Equal(Masks(7).First, first);
        TensorAssert.Equal(Masks(7).Second, second);
        TensorAssert.Differ(first, second, 1);
        TensorAssert.Differ(Masks(8).First, first, 1);
        TensorAssert.Differ(Masks(7UL << 32).First, first, 1);
    }

    [Fact]
    public void A_mask_does_not_depend_on_the_number_of_threads_nor_on_the_order_of_the_rows()
    {
        using var scope = NewDisposeScope();
        var like = ones(500, 300);
        var ids = Enumerable.Range(0, 500).Select(row => (uint)(row * 7)).ToArray();
        var before = get_num_threads();
        try
        {
            set_num_threads(1);
            var expected = new Dropout(0.3, 5).Mask(4, ids).Make(like);
            foreach (var count in new[] { 2, 3, 7 })
            {
                set_num_threads(count);
                TensorAssert.Equal(new Dropout(0.3, 5).Mask(4, ids).Make(like), expected);
            }

            TensorAssert.Equal(new Dropout(0.3, 5).Mask(4, [.. ids.Reverse()]).Make(like), expected.flip(0));
            TensorAssert.Equal(new Dropout(0.3, 5).Mask(4, ids).Make(ones(500, 77)), expected.narrow(1, 0, 77));
            TensorAssert.Equal(new Dropout(0.3, 5).Mask(4, ids).Relu(like * 2), 2 * expected);
            TensorAssert.Equal(new Dropout(0.3, 5).Mask(4, ids).AddDropped(like, like * 2), 1 + (2 * expected));
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void What_a_sublayer_drops_in_passing_is_what_a_mask_would_drop()
    {
        using var scope = NewDisposeScope();
        var layout = RowLayout.Packed([5, 3]);
        var dropout = new Dropout(0.4, 2);
        var site = new SublayerDropout(dropout, 6, layout); // masks 12 and 13
        var (x, skip, weight) = (randn(8, 20), randn(8, 12), randn(12, 20));
        TensorAssert.Close(site.Relu(x.clone()), x.relu() * dropout.Mask(13, layout.RowIds).Make(x), 1e-6);
        var expected = skip + (nn.functional.linear(x, weight) * dropout.Mask(12, layout.RowIds).Make(skip));
        using var ops = new TensorOps(OperationKernels.LibTorch);
        TensorAssert.Close(site.AddTo(skip, x, weight, ops), expected, 1e-5);
    }

    [Fact]
    public void Neighbouring_elements_and_masks_are_independent()
    {
        using var scope = NewDisposeScope();
        var dropout = new Dropout(0.5, 3);
        var masks = stack(Enumerable.Range(0, 64).Select(_ => dropout.Apply(ones(4096)) - 1).ToArray()); // ±1, mean 0
        static double Correlation(Tensor a, Tensor b) => Math.Abs((a * b).mean().item<float>());
        Correlation(masks.narrow(1, 0, 4095), masks.narrow(1, 1, 4095)).Should().BeLessThan(0.01);
        Correlation(masks.narrow(0, 0, 63), masks.narrow(0, 1, 63)).Should().BeLessThan(0.01);
        Correlation(masks.narrow(1, 0, 4088), masks.narrow(1, 8, 4088)).Should().BeLessThan(0.01);
    }

    [Fact]
    public void Only_the_loss_with_a_dropout_differs()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        var inputs = model.Embed(tensor(new long[,] { { 5, 6, 7, 1 } }));
        var plain = model.Encode(inputs, [4]);
        TensorAssert.Close(model.Encode(inputs, [4], new Dropout(0, 1)), plain, 1e-5);
        TensorAssert.Differ(model.Encode(inputs, [4], new Dropout(0.1, 1)), plain, 1e-3);
        TensorAssert.Equal(model.Encode(inputs, [4]), plain);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_rate_outside_its_range_is_refused(double rate)
    {
        var act = () => new Dropout(rate, 1);
        act.Should().Throw<ArgumentOutOfRangeException>();
    }
}
