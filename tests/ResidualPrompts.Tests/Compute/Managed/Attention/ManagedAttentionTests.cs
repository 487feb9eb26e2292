using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Compute.Managed.Attention;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Managed.Attention;

public sealed class ManagedAttentionTests
{
    private const int HeadCount = 3;
    private const int Width = 301;
    private const string Reason = "this processor has no vectors for it";

    public static MatrixTheoryData<int, bool> Cases => new([64, 20], [false, true]); // 20 is no multiple of a vector

    public static MatrixTheoryData<string, int, bool> CasesOfKernels => new(Kernels.Names, [64, 20], [false, true]);

    [Theory]
    [MemberData(nameof(CasesOfKernels))]
    public unsafe void Attention_and_its_gradient_are_those_of_the_formula_with_the_vectors_of_either_width(string name, int headSize, bool drops)
    {
        var kernel = Kernels.Get(name);
        using var scope = NewDisposeScope();
        var input = Input(headSize, drops);
        var rowCount = input.Spans.Sum(span => span.QueryCount);
        var projected = randn(rowCount, 3 * input.InnerSize).requires_grad_(true);
        var upper = randn(rowCount, input.InnerSize) * Valid(input);
        var expected = Formula(projected, input);
        expected.backward([upper]);
        var (mixed, gradient) = (zeros(rowCount, input.InnerSize), zeros(rowCount, 3 * input.InnerSize));
        fixed (float* bias = input.Bias)
        fixed (byte* x = projected.detach().bytes, m = mixed.bytes, u = upper.bytes, g = gradient.bytes)
        {
            var attention = new BlockedAttention(kernel, input, bias);
            MatrixView View(byte* start, Tensor tensor) => MatrixView.Of(start, tensor.shape[1]);
            attention.Forward(View(x, projected), View(m, mixed), threadCount: 2);
            attention.Backward(View(x, projected), View(u, upper), View(g, gradient), threadCount: 2);
        }

        TensorAssert.Close(mixed * Valid(input), expected * Valid(input), 2e-5);
        TensorAssert.Close(gradient, projected.grad!, 2e-4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Attention_and_its_gradient_are_those_of_the_formula(int headSize, bool drops)
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var input = Input(headSize, drops);
        var rowCount = input.Spans.Sum(span => span.QueryCount);
        var projected = randn(rowCount, 3 * input.InnerSize).requires_grad_(true);
        var upper = randn(rowCount, input.InnerSize) * Valid(input); // rows at padding mean nothing
        var mixed = ManagedAttention.Attend(projected, input);
        mixed.backward([upper]);
        var gradient = projected.grad!.clone();
        projected.grad!.zero_();
        var expected = Formula(projected, input);
        expected.backward([upper]);
        TensorAssert.Close(mixed * Valid(input), expected * Valid(input), 2e-5);
        TensorAssert.Close(gradient, projected.grad!, 2e-4);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var input = Input(64, drops: false);
        var projected = randn(input.Spans.Sum(span => span.QueryCount), 3 * input.InnerSize);
        var threadCount = get_num_threads();
        try
        {
            set_num_threads(1);
            var expected = ManagedAttention.Attend(projected, input).data<float>().ToArray();
            set_num_threads(3);
            ManagedAttention.Attend(projected, input).data<float>().ToArray().Should().Equal(expected);
        }
        finally
        {
            set_num_threads(threadCount);
        }
    }

    /// <summary>Examples of one row, of less and more than a block of queries, and one with rows at its end that are not valid.</summary>
    private static AttentionInput Input(int headSize, bool drops)
    {
        var mask = drops ? new RowMask(new MaskGenerator(0.2, 7), 3, 1.25f) : null;
        AttentionSpan[] spans = [new(1, 0, Width, Width), new(0, Width, 40, 33), new(2, Width + 40, 1, 1), new(3, Width + 41, 128, 128)];
        using var bias = randn(HeadCount, (2 * Width) - 1 + AttentionRow.MaxVectorSize);
        return new AttentionInput(spans, HeadCount, headSize, bias.data<float>().ToArray(), Width, mask);
    }

    private static Tensor Valid(AttentionInput input) =>
        cat([.. input.Spans.Select(span => cat([ones(span.KeyCount, 1), zeros(span.QueryCount - span.KeyCount, 1)]))]);

    private static Tensor Formula(Tensor projected, AttentionInput input)
    {
        var bias = tensor(input.Bias).view(HeadCount, -1);
        return cat([.. input.Spans.Select(span =>
        {
            var rows = projected.narrow(0, span.FirstRow, span.QueryCount).view(span.QueryCount, 3, HeadCount, input.HeadSize);
            return stack([.. Enumerable.Range(0, HeadCount).Select(head =>
            {
                Tensor Part(int part) => rows.select(1, part).select(1, head); // [queries, size]
                var (k, v) = (Part(1).narrow(0, 0, span.KeyCount), Part(2).narrow(0, 0, span.KeyCount));
                var distances = stack([.. Enumerable.Range(0, span.QueryCount)
                    .Select(query => bias[head].narrow(0, Width - 1 - query, span.KeyCount))]);
                var weights = ((Part(0).mm(k.t()) / Math.Sqrt(input.HeadSize)) + distances).softmax(1);
                return (weights * Mask(span, head, input)).mm(v);
            })], 1).flatten(1);
        })]);
    }

    private static Tensor Mask(AttentionSpan span, int head, AttentionInput input)
    {
        var mask = new float[span.QueryCount * span.KeyCount];
        Array.Fill(mask, 1);
        for (var query = 0; query < span.QueryCount; query++)
            input.Mask?.Fill(RowMask.WeightRow(span.Example, head, HeadCount, query), mask.AsSpan(query * span.KeyCount, span.KeyCount));
        return tensor(mask).view(span.QueryCount, span.KeyCount);
    }
}
