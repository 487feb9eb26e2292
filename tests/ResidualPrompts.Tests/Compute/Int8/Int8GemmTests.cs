using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Int8;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Int8;

public sealed class Int8GemmTests
{
    private const double Epsilon = 1e-6;
    private const string Reason = "this processor has no vectors for them";

    // With rests of every kind: of vectors, steps of four, tiles, panels and blocks.
    private static readonly int[] RowCounts = [1, 5, 6, 7, 24, 255, 257, 600];
    private static readonly int[] Sizes = [1, 3, 4, 7, 16, 17, 33, 100, 384, 769];

    [Theory]
    [InlineData("avx2", 1)]
    [InlineData("avx2", 2)]
    [InlineData("avx512", 1)]
    [InlineData("avx512", 5)]
    [InlineData("avx-vnni", 1)]
    [InlineData("avx-vnni", 2)]
    [InlineData("avx-vnni", 5)]
    public void Numbers_that_bytes_can_hold_are_multiplied_exactly(string kernelName, int threadCount)
    {
        var kernel = Kernel(kernelName);
        foreach (var rowCount in RowCounts)
        {
            foreach (var inner in Sizes)
            {
                foreach (var columns in Sizes)
                {
                    using var scope = NewDisposeScope();
                    var (x, weight) = (Bytes(kernel.LargestByte, rowCount, inner), SignedBytes(columns, inner));
                    var expected = x.to(ScalarType.Float64).mm(weight.to(ScalarType.Float64).t()).to(ScalarType.Float32);
                    using var rows = new Int8Rows(x, null, kernel.LargestByte);
                    using var quantized = new Int8Weight(weight, kernel);
                    var product = Int8Gemm.Multiply(kernel, rows, quantized, threadCount);
                    TensorAssert.Close(product / (1 + expected.abs()), expected / (1 + expected.abs()), 1e-6);
                }
            }
        }
    }

    [Theory]
    [InlineData("avx2", 70, 50, 300)]
    [InlineData("avx512", 1, 128, 33)]
    [InlineData("avx512", 300, 1021, 64)]
    [InlineData("avx-vnni", 1, 128, 33)]
    [InlineData("avx-vnni", 70, 50, 300)]
    [InlineData("avx-vnni", 300, 1021, 64)]
    [InlineData("fbgemm", 1, 128, 33)]
    [InlineData("fbgemm", 70, 50, 300)]
    [InlineData("fbgemm", 300, 1021, 64)]
    public void No_sum_is_further_off_than_rounding_to_bytes_can_bring_it(string kernelName, int rowCount, int inner, int columns)
    {
        using var products = Products(kernelName);
        var largestByte = LargestByte(kernelName);
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(rowCount, inner), randn(columns, inner));
        x[0].mul_(1e-3);
        weight[0].mul_(1e3);
        var error = products.Linear(x, null, weight)[0] - nn.functional.linear(x, weight);
        // Half a unit of each factor, times the other; a number between zero point and rounding can be off by half a unit more.
        var unit = (x.amax([1], keepdim: true).clamp_min(0) - x.amin([1], keepdim: true).clamp_max(0)) / largestByte;
        var weightUnit = weight.abs().amax([1], keepdim: true) / 127;
        var bound = unit.mm((weight.abs() + weightUnit).sum(1).unsqueeze(0)) + x.abs().sum(1).unsqueeze(1).mm(weightUnit.t()) / 2;
        error.abs().le(bound).all().item<bool>().Should().BeTrue();
        error.abs().max().item<float>().Should().BePositive();
        // of what a product of random numbers comes to
        var share = error * Math.Sqrt(inner) / x.square().sum(1).sqrt().outer(weight.square().sum(1).sqrt());
        share.square().mean().sqrt().item<float>().Should().BeLessThan(0.03f * 255 / largestByte);
    }

    [Theory]
    [InlineData("avx2", 1, 128)]
    [InlineData("avx2", 24, 50)] // no multiple of a vector
    [InlineData("avx2", 700, 96)] // enough for several threads
    [InlineData("fbgemm", 1, 128)]
    [InlineData("fbgemm", 24, 50)]
    [InlineData("fbgemm", 700, 96)]
    public void A_norm_changes_scales_alone(string kernelName, int rowCount, int size)
    {
        using var products = Products(kernelName);
        using var scope = NewDisposeScope();
        var (x, weight, other) = (randn(rowCount, size), randn(33, size), randn(7, size));
        x[0].mul_(1e-4); // where epsilon counts
        var factors = rsqrt(x.square().mean([1], keepdim: true) + Epsilon);
        var normed = products.Linear(x, Epsilon, weight, other);
        var plain = products.Linear(x, null, weight, other);
        foreach (var (product, expected) in normed.Zip(plain, (a, b) => (a, b * factors)))
            TensorAssert.Close(product, expected, 1e-4);
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("avx512")]
    [InlineData("avx-vnni")]
    public void Neither_threads_nor_other_rows_nor_a_kernel_with_the_same_bytes_change_a_bit(string kernelName)
    {
        var kernel = Kernel(kernelName);
        using var scope = NewDisposeScope();
        var (x, w) = (randn(601, 770), randn(1001, 770));
        using var rows = new Int8Rows(x, Epsilon, kernel.LargestByte);
        using var some = new Int8Rows(x.narrow(0, 200, 3), Epsilon, kernel.LargestByte);
        using var weight = new Int8Weight(w, kernel);
        var expected = Int8Gemm.Multiply(kernel, rows, weight, 1);
        foreach (var threadCount in new[] { 1, 2, 3, 7, 64 })
            Int8Gemm.Multiply(kernel, rows, weight, threadCount).data<float>().ToArray().Should().Equal(expected.data<float>().ToArray());
        Int8Gemm.Multiply(kernel, some, weight, 1).data<float>().ToArray().Should().Equal(expected.narrow(0, 200, 3).data<float>().ToArray());
        var others = new[] { Int8MicroKernel.Avx2, Int8MicroKernel.Avx512, Int8MicroKernel.AvxVnni }.OfType<Int8MicroKernel>()
            .Where(other => other != kernel && other.LargestByte == kernel.LargestByte);
        foreach (var other in others)
        {
            using var packed = new Int8Weight(w, other);
            Int8Gemm.Multiply(other, rows, packed, 2).data<float>().ToArray().Should().Equal(expected.data<float>().ToArray());
        }
    }

    [Theory]
    [InlineData(601, 770, 1001)]
    [InlineData(37, 33, 5)]
    [InlineData(260, 3, 1)]
    public void Neither_threads_nor_other_rows_change_a_bit_of_fbgemms_products(int rowCount, int size, int columns)
    {
        using var scope = NewDisposeScope();
        using var products = Products("fbgemm");
        var (x, w) = (randn(rowCount, size), randn(columns, size));
        x[0].mul_(1e6); // which would be the scale of all rows
        var expected = products.Linear(x, Epsilon, w)[0];
        var threads = get_num_threads();
        try
        {
            foreach (var threadCount in new[] { 1, 2, 3 })
            {
                set_num_threads(threadCount);
                products.Linear(x, Epsilon, w)[0].data<float>().ToArray().Should().Equal(expected.data<float>().ToArray());
                foreach (var (from, count) in new[] { (1, 1), (2, 7), (20, 16) })
                {
                    products.Linear(x.narrow(0, from, count), Epsilon, w)[0].data<float>().ToArray()
                        .Should().Equal(expected.narrow(0, from, count).contiguous().data<float>().ToArray());
                }
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>The largest pairs of products: 16 bits hold two of them only where the bytes of a row end at 127.</summary>
    [Theory]
    [InlineData("avx2")]
    [InlineData("avx512")]
    [InlineData("avx-vnni")]
    public void Pairs_of_the_largest_products_do_not_saturate(string kernelName)
    {
        var kernel = Kernel(kernelName);
        using var scope = NewDisposeScope();
        using var products = new Int8Gemm(kernel);
        foreach (var sign in new[] { 1, -1 })
            products.Linear(full(9, 64, (float)kernel.LargestByte), null, full(33, 64, sign * 127f))[0]
                .eq(sign * 64 * 127 * kernel.LargestByte).all().item<bool>().Should().BeTrue();
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("fbgemm")]
    public void Views_and_rows_of_zeros_are_no_exception(string kernelName)
    {
        using var products = Products(kernelName);
        using var scope = NewDisposeScope();
        var (x, weight) = (Bytes(LargestByte(kernelName), 50, 40).t().contiguous().t(), SignedBytes(40, 40).narrow(0, 3, 20));
        x[1].zero_();
        weight[2].zero_();
        // FBGEMM divides a weight into 255 steps, where this library takes 254: then whole numbers are no longer exact, by half a step at most.
        var bound = kernelName == "fbgemm" ? x.abs().sum(1).max().item<float>() / 2 : 0;
        TensorAssert.Close(products.Linear(x, null, weight)[0], x.mm(weight.t()), bound);
        products.Linear(x, null, weight)[0][1].abs().max().item<float>().Should().Be(0);
        products.Linear(x, Epsilon, weight)[0][1].abs().max().item<float>().Should().Be(0);
        products.Linear(x, null, weight)[0][.., 2].abs().max().item<float>().Should().Be(0);
    }

    [Theory]
    [InlineData("avx2", 1e-36)]
    [InlineData("avx2", 1e-40)]
    [InlineData("fbgemm", 1e-36)]
    [InlineData("fbgemm", 1e-40)]
    public void What_is_too_small_for_a_scale_counts_as_nothing_at_most(string kernelName, double size)
    {
        using var products = Products(kernelName);
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(4, 53), randn(5, 53));
        foreach (var (row, other) in new[] { (x * size, weight), (x, weight * size) })
            products.Linear(row, null, other)[0].abs().max().item<float>().Should().BeLessThan(1e-33f);
    }

    [Theory]
    [InlineData("avx2", int.MaxValue / (255 * 127))]
    [InlineData("fbgemm", int.MaxValue / (255 * 255))] // 255 steps from a weight's zero point
    public void The_longest_sum_that_is_taken_does_not_overflow(string kernelName, int longest)
    {
        using var products = Products(kernelName);
        using var scope = NewDisposeScope();
        products.CanMultiply(ones(1, longest), ones(1, longest)).Should().BeTrue();
        products.CanMultiply(ones(1, longest + 1), ones(1, longest + 1)).Should().BeFalse();
        var precision = kernelName == "fbgemm" ? 0.01f * longest : 0.1f;
        foreach (var sign in new[] { 1, -1 })
            products.Linear(sign * ones(1, longest), null, ones(1, longest))[0].item<float>().Should().BeApproximately(sign * longest, precision);
    }

    [Theory]
    [InlineData("avx2", double.NaN)]
    [InlineData("avx2", double.PositiveInfinity)]
    [InlineData("avx2", double.NegativeInfinity)]
    [InlineData("fbgemm", double.NaN)]
    [InlineData("fbgemm", double.PositiveInfinity)]
    [InlineData("fbgemm", double.NegativeInfinity)]
    public void What_is_no_number_stays_visible(string kernelName, double value)
    {
        foreach (var place in new[] { 3, 52 }) // in a vector, and in the rest
        {
            using var products = Products(kernelName);
            using var scope = NewDisposeScope();
            var (x, weight) = (randn(4, 53), randn(5, 53));
            x[1, place] = value;
            weight[2, place] = value;
            var isFinite = products.Linear(x, null, weight)[0].isfinite();
            var expected = ones(4, 5, ScalarType.Bool);
            expected[1] = false;
            expected[.., 2] = false;
            isFinite.Equals(expected).Should().BeTrue();
            products.Linear(x, Epsilon, weight)[0].isfinite().Equals(expected).Should().BeTrue();
        }
    }

    private static IInt8Products Products(string kernelName)
    {
        if (kernelName != "fbgemm")
            return new Int8Gemm(Kernel(kernelName));
        Assert.SkipUnless(Fbgemm.IsSupported, Reason);
        return new FbgemmProducts();
    }

    private static int LargestByte(string kernelName) => kernelName == "fbgemm" ? byte.MaxValue : Kernel(kernelName).LargestByte;

    private static Int8MicroKernel Kernel(string name)
    {
        var kernel = name switch
        {
            "avx-vnni" => Int8MicroKernel.AvxVnni,
            "avx512" => Int8MicroKernel.Avx512,
            _ => Int8MicroKernel.Avx2,
        };
        Assert.SkipWhen(kernel is null, $"this processor has no {name}");
        return kernel;
    }

    /// <summary>Whole numbers from −100 to the largest byte − 100, both of them in every row that has room: a scale of one.</summary>
    private static Tensor Bytes(int largestByte, int rowCount, int size)
    {
        var largest = largestByte - 100;
        var x = randint(-100, largest + 1, [rowCount, size], ScalarType.Float32);
        x[.., 0] = size > 1 ? largest : largestByte;
        if (size > 1)
            x[.., -1] = -100;
        return x;
    }

    /// <summary>Whole numbers from −127 to 127, one of the two in every row: a scale of one.</summary>
    private static Tensor SignedBytes(int rowCount, int size)
    {
        var weight = randint(-127, 128, [rowCount, size], ScalarType.Float32);
        weight[.., 0] = -127;
        return weight;
    }
}
