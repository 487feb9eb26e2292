using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Dropout;

public sealed class DroppedSumTests
{
    public static MatrixTheoryData<int, int, bool> Cases => new([1, 3, 70], [1, 7, 16, 40, 1024, 1030], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sum_and_gradients_are_those_of_a_mask_that_is_a_tensor(int rowCount, int columnCount, bool hasX)
    {
        using var scope = NewDisposeScope();
        var mask = Mask(rowCount);
        var x = hasX ? randn(rowCount, columnCount).requires_grad_(true) : null;
        var rows = randn(rowCount, columnCount).requires_grad_(true);
        var upper = randn(rowCount, columnCount);
        var sum = DroppedSum.Of(x, rows, mask);
        sum.backward([upper]);
        var dropped = rows.detach() * mask.Make(rows);
        TensorAssert.Close(sum, x is null ? dropped : x.detach() + dropped, 1e-6);
        TensorAssert.Close(rows.grad!, upper * mask.Make(rows), 1e-6);
        if (x is not null)
            TensorAssert.Equal(x.grad!, upper);
    }

    [Fact]
    public void Gradients_of_several_uses_add_up()
    {
        using var scope = NewDisposeScope();
        var (mask, other) = (Mask(20), Mask(20, place: 2));
        var x = randn(20, 50).requires_grad_(true);
        var first = DroppedSum.Of(x, x * 2, mask);
        DroppedSum.Of(first, first * 3, other).sum().backward();
        var factor = (1 + (2 * mask.Make(x))) * (1 + (3 * other.Make(x)));
        TensorAssert.Close(x.grad!, factor, 1e-5);
    }

    [Fact]
    public void Views_without_a_graph_and_what_is_not_a_number_go_through()
    {
        using var scope = NewDisposeScope();
        var mask = Mask(30);
        var rows = randn(40, 30).t();
        rows[2, 3] = float.NaN;
        var sum = DroppedSum.Of(null, rows, mask);
        sum[2, 3].isnan().item<bool>().Should().BeTrue("a dropped element that is not a number is an error too");
        TensorAssert.Close(sum.nan_to_num(), (rows * mask.Make(sum)).nan_to_num(), 1e-6);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var scope = NewDisposeScope();
        var (mask, x, rows) = (Mask(300), randn(300, 333), randn(300, 333));
        var threadCount = get_num_threads();
        try
        {
            set_num_threads(1);
            var expected = DroppedSum.Of(x, rows, mask).data<float>().ToArray();
            set_num_threads(3);
            DroppedSum.Of(x, rows, mask).data<float>().ToArray().Should().Equal(expected);
        }
        finally
        {
            set_num_threads(threadCount);
        }
    }

    private static MatrixMask Mask(int rowCount, int place = 1) =>
        new(new MaskGenerator(0.3, 4), place, [.. Enumerable.Range(0, rowCount).Select(row => 5 * (uint)row)], (float)(1 / 0.7));
}
