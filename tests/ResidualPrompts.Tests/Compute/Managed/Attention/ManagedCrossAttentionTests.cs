using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Compute.Managed.Attention;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute.Managed.Attention;

public sealed class ManagedCrossAttentionTests
{
    private const int HeadCount = 3;
    private const int HiddenSize = 50; // no multiple of a vector
    private const int Width = 139;
    private const string Reason = "this processor has no vectors for it";
    private static readonly int[] Lengths = [7, Width, 1];

    [Theory]
    [InlineData(3, 64, false)]
    [InlineData(3, 20, true)]
    [InlineData(1, 64, true)]
    [InlineData(50, 64, false)] // with the heads more than a block of queries
    [InlineData(50, 64, true)]
    public void Attention_and_its_gradients_are_those_of_the_formula(int queryCount, int headSize, bool drops)
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var input = Input(queryCount, headSize, drops ? new RowMask(new MaskGenerator(0.2, 7), 3, 1.25f) : null);
        var (q, states, k, v) = Operands(input);
        var upper = randn(input.RowCount, HeadCount * headSize);
        var mixed = ManagedCrossAttention.Attend(q, states, k, v, input);
        mixed.backward([upper]);
        var (queryGradient, stateGradient) = (q.grad!.clone(), states.grad!.clone());
        q.grad!.zero_();
        states.grad!.zero_();
        var expected = Formula(q, states, k, v, input);
        expected.backward([upper]);
        TensorAssert.Close(mixed, expected, 2e-5);
        TensorAssert.Close(queryGradient, q.grad!, 2e-4);
        TensorAssert.Close(stateGradient, states.grad!, 2e-4);
    }

    [Fact]
    public void States_that_are_not_valid_are_not_looked_at()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var input = Input(3, 64, null);
        var (q, states, k, v) = Operands(input);
        var expected = ManagedCrossAttention.Attend(q, states, k, v, input);
        var spoiled = states.detach().clone();
        spoiled[0].narrow(0, Lengths[0], Width - Lengths[0]).fill_(double.NaN);
        ManagedCrossAttention.Attend(q, spoiled, k, v, input).data<float>().ToArray().Should().Equal(expected.detach().data<float>().ToArray());
    }

    [Fact]
    public void Operands_may_be_views()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var input = Input(3, 20, null);
        var (q, states, k, v) = Operands(input);
        static Tensor View(Tensor x) => x.transpose(0, -1).contiguous().transpose(0, -1);
        var expected = ManagedCrossAttention.Attend(q, states, k, v, input);
        expected.sum().backward();
        var (queryGradient, stateGradient) = (q.grad!.clone(), states.grad!.clone());
        var mixed = ManagedCrossAttention.Attend(View(q), View(states), View(k), View(v), input).sum();
        mixed.backward();
        TensorAssert.Close(mixed, expected.sum(), 1e-4);
        TensorAssert.Close(q.grad!, 2 * queryGradient, 1e-5);
        TensorAssert.Close(states.grad!, 2 * stateGradient, 1e-5);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        Assert.SkipWhen(MicroKernel.Fastest is null, Reason);
        using var scope = NewDisposeScope();
        var input = Input(3, 64, null);
        var (q, states, k, v) = Operands(input);
        float[] Compute(int threads)
        {
            set_num_threads(threads);
            q.grad?.zero_();
            states.grad?.zero_();
            var mixed = ManagedCrossAttention.Attend(q, states, k, v, input);
            mixed.sum().backward();
            return [.. mixed.detach().data<float>(), .. q.grad!.data<float>(), .. states.grad!.data<float>()];
        }

        var threadCount = get_num_threads();
        try
        {
            Compute(3).Should().Equal(Compute(1));
        }
        finally
        {
            set_num_threads(threadCount);
        }
    }

    private static CrossAttentionInput Input(int queryCount, int headSize, RowMask? mask) =>
        new(Lengths, Width, queryCount, HeadCount, headSize, HiddenSize, mask);

    private static (Tensor Q, Tensor States, Tensor K, Tensor V) Operands(CrossAttentionInput input)
    {
        var inner = HeadCount * input.HeadSize;
        Tensor Weight() => randn(inner, HiddenSize) / Math.Sqrt(HiddenSize);
        return ((randn(input.RowCount, inner) / Math.Sqrt(input.HeadSize)).requires_grad_(true),
            randn(Lengths.Length, Width, HiddenSize).requires_grad_(true), Weight(), Weight());
    }

    /// <summary>With keys and values, as the paper has it.</summary>
    private static Tensor Formula(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input) =>
        cat([.. Lengths.Select((length, example) =>
    {
        var valid = states[example].narrow(0, 0, length);
        var queries = q.narrow(0, example * input.QueryCount, input.QueryCount);
        return cat([.. Enumerable.Range(0, HeadCount).Select(head =>
        {
            Tensor Head(Tensor x) => x.narrow(1, head * input.HeadSize, input.HeadSize);
            var weights = Head(queries).mm(Head(valid.mm(k.t())).t()).softmax(1);
            return (weights * Mask(example, head, input)).mm(Head(valid.mm(v.t())));
        })], 1);
    })], 0);

    private static Tensor Mask(int example, int head, CrossAttentionInput input)
    {
        var length = Lengths[example];
        var mask = new float[input.QueryCount * length];
        Array.Fill(mask, 1);
        for (var query = 0; query < input.QueryCount; query++)
            input.Mask?.Fill(RowMask.WeightRow(example, head, HeadCount, query), mask.AsSpan(query * length, length));
        return tensor(mask).view(input.QueryCount, length);
    }
}
