using ResidualPrompts.Native;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Native;

public class ProductCheckTests
{
    private static readonly long[][] Shapes = [[64, 20, 48], [64, 768, 3072], [592, 3072, 768], [100, 64, 1], [64, 512, 32128]];

    [Fact]
    public void A_right_product_passes_whatever_its_scale_and_order()
    {
        foreach (var shape in Shapes)
        {
            using var scope = NewDisposeScope();
            foreach (var scale in new[] { 1e-6, 1, 1e6 })
            {
                var (x, weight) = (randn(shape[0], shape[1]) * scale, randn(shape[2], shape[1]));
                IsRight(x, weight.t(), nn.functional.linear(x, weight)).Should().BeTrue();
                IsRight(x, weight.t().contiguous(), x.to(ScalarType.Float64).mm(weight.t().to(ScalarType.Float64)).to(ScalarType.Float32)).Should().BeTrue();
            }
        }
    }

    [Fact]
    public void One_wrong_column_or_row_and_two_that_changed_places_do_not_pass()
    {
        foreach (var shape in Shapes)
        {
            using var scope = NewDisposeScope();
            var (x, w) = (randn(shape[0], shape[1]), randn(shape[1], shape[2]));
            foreach (var column in new[] { 0, shape[2] / 2, shape[2] - 1 })
                Check(product => product.select(1, column).neg_());
            foreach (var row in new[] { 0, shape[0] - 1 })
                Check(product => product.select(0, row).neg_());

            for (var column = 1L; column < shape[2]; column += shape[2] / 8)
                Check(product => product.narrow(1, column - 1, 2).copy_(product.narrow(1, column - 1, 2).flip(1))); // two have changed places

            void Check(Action<Tensor> spoil)
            {
                var product = x.mm(w);
                spoil(product);
                IsRight(x, w, product).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void Zeros_are_right_and_what_is_not_finite_is_not()
    {
        using var scope = NewDisposeScope();
        var (x, w) = (randn(64, 8), randn(8, 8));
        IsRight(zeros(64, 8), w, zeros(64, 8)).Should().BeTrue();
        IsRight(zeros(64, 8), w, ones(64, 8)).Should().BeFalse();
        IsRight(x, w, full([64, 8], double.NaN)).Should().BeFalse();
        IsRight(x, w, full([64, 8], double.PositiveInfinity)).Should().BeFalse();
    }

    private static bool IsRight(Tensor x, Tensor w, Tensor y)
    {
        using var probe = ProductCheck.Probe(w);
        return ProductCheck.IsRight(x, probe, y);
    }
}
