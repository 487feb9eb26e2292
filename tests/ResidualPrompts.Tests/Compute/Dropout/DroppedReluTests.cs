using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Dropout;

public sealed class DroppedReluTests
{
    public static MatrixTheoryData<int, int> Sizes => new([1, 3, 70], [1, 7, 16, 40, 1024, 1030]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Result_and_gradient_are_those_of_a_mask_that_is_a_tensor_and_the_memory_is_that_of_x(int rowCount, int columnCount)
    {
        using var scope = NewDisposeScope();
        var mask = Mask(rowCount);
        var start = randn(rowCount, columnCount).requires_grad_(true);
        var upper = randn(rowCount, columnCount);
        var x = start * 2;
        var result = DroppedRelu.Of(x, mask);
        TensorAssert.Equal(x.detach(), result.detach());
        result.backward([upper]);
        var gradient = start.grad!.clone();
        start.grad!.zero_();
        var expected = (start * 2).relu() * mask.Make(start);
        expected.backward([upper]);
        TensorAssert.Close(result, expected, 1e-6);
        TensorAssert.Close(gradient, start.grad!, 1e-5);
    }

    [Fact]
    public void Without_a_graph_it_is_the_same_and_what_is_not_a_number_stays_visible()
    {
        using var scope = NewDisposeScope();
        var (mask, x) = (Mask(30), randn(30, 40));
        x[2, 3] = float.NaN;
        var expected = x.relu() * mask.Make(x);
        var result = DroppedRelu.Of(x, mask);
        result[2, 3].isnan().item<bool>().Should().BeTrue();
        TensorAssert.Close(result.nan_to_num(), expected.nan_to_num(), 1e-6);
    }

    [Fact]
    public void To_change_the_result_before_its_gradient_is_an_error()
    {
        using var scope = NewDisposeScope();
        var result = DroppedRelu.Of(randn(4, 20).requires_grad_(true) * 2, Mask(4));
        var sum = result.sum();
        using (no_grad())
            result.add_(1);
        var act = () => BackwardFailure.Backward(sum);
        act.Should().Throw<Exception>();
    }

    private static MatrixMask Mask(int rowCount) =>
        new(new MaskGenerator(0.3, 4), 1, [.. Enumerable.Range(0, rowCount).Select(row => 5 * (uint)row)], (float)(1 / 0.7));
}
