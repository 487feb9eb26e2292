using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Compute.Managed.Attention;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute;

/// <summary>A gradient that throws ends a training with its exception, and no step is made with what it left.</summary>
public sealed class BackwardFailureTests
{
    [Theory]
    [InlineData(Computing.LibTorch, false)]
    [InlineData(Computing.LibTorch, true)]
    [InlineData(Computing.Managed, false)]
    [InlineData(Computing.Managed, true)]
    public void A_training_ends_with_the_exception_and_without_the_step_and_the_next_one_goes_as_ever(Computing computing, bool checkpointing)
    {
        using var scope = NewDisposeScope();
        using var model = AnyComputing.Frozen(TinyT5.Version10, computing);
        var kernels = new FailingKernels(computing.Kernels().Linear);
        var operations = computing == Computing.LibTorch ? Operations.AddLinear : Operations.All;
        using var failing = model.Variant(
            computation => computation with { Kernels = new OperationKernels(ComputePolicy.Auto, "test", kernels, operations) });
        using var prompt = PromptKinds.Create("residual mlp");
        using var state = new TrainingState();
        using (var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, 0.1)], 1e-5))
        {
            using var events = TrainerOf(failing, prompt, optimizer, state, checkpointing).Run().GetEnumerator();
            events.MoveNext().Should().BeTrue();
            var before = Values(prompt);
            kernels.Fails = true;
            var act = () => events.MoveNext();
            act.Should().Throw<ArithmeticException>().WithMessage("the kernel failed");
            state.Step.Should().Be(1);
            optimizer.StepCount.Should().Be(1);
            Values(prompt).Should().BeEquivalentTo(before, compare => compare.WithStrictOrdering());
        }

        double[] Losses(T5Model trained)
        {
            using var fresh = PromptKinds.Create("residual mlp");
            using var freshState = new TrainingState();
            using var optimizer = new OriginalAdamW([new ParameterGroup(fresh.Parameters, 0.1)], 1e-5);
            return [.. TrainerOf(trained, fresh, optimizer, freshState, checkpointing).Run().OfType<StepCompleted>().Select(step => step.Loss)];
        }

        kernels.Fails = false;
        var losses = Losses(failing);
        losses.Should().HaveCount(3).And.OnlyContain(loss => double.IsFinite(loss));
        Losses(failing).Should().Equal(losses);
    }

    [Fact]
    public void A_backward_pass_that_fails_leaves_zeros_of_the_right_shape_and_the_optimizer_refuses_them()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(3, 4).requires_grad_(true), randn(5, 4));
        using var optimizer = new OriginalAdamW([new ParameterGroup(new Dictionary<string, Tensor> { ["x"] = x }, 0.1)], 0.1);
        var before = x.detach().clone();
        FailingLinear.Apply(x, weight, () => true).sum().backward();
        TensorAssert.Equal(x.grad!, zeros(3, 4));
        var step = () => optimizer.Step();
        step.Should().Throw<ArithmeticException>();
        TensorAssert.Equal(x, before);
        optimizer.Step(); // told once; what the caller does then is the caller's
    }

    [Fact]
    public void Who_does_not_ask_is_told_at_the_next_call()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(3, 4).requires_grad_(true), randn(5, 4));
        FailingLinear.Apply(x, weight, () => true).sum().backward();
        var next = () => FailingLinear.Apply(x, weight, () => false);
        next.Should().Throw<ArithmeticException>();
        BackwardFailure.Backward(next().sum());
        TensorAssert.Close(x.grad!, weight.sum(0, keepdim: true).expand(3, 4), 1e-5);
    }

    [Fact]
    public void Functions_before_the_one_that_fails_are_gone_through()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(3, 4).requires_grad_(true), randn(4, 4));
        var act = () => BackwardFailure.Backward(FailingLinear.Apply(FailingLinear.Apply(x, weight, () => false), weight, () => true).sum());
        act.Should().Throw<ArithmeticException>();
        TensorAssert.Equal(x.grad!, zeros(3, 4));
    }

    [Fact]
    public void The_private_fields_of_TorchSharp_that_are_mended_are_found()
    {
        FrozenGemm.FindsPrivateFields.Should().BeTrue();
        DroppedSum.FindsPrivateFields.Should().BeTrue();
        DroppedRelu.FindsPrivateFields.Should().BeTrue();
        ManagedCrossAttention.FindsPrivateFields.Should().BeTrue();
        ManagedNorm.FindsPrivateFields.Should().BeTrue();
    }

    private static Trainer TrainerOf(T5Model model, SoftPrompt prompt, Optimizer optimizer, TrainingState state, bool checkpointing) => new(
        new TrainedParts(model, prompt), optimizer, new TrainingSettings
        {
            EpochCount = 1,
            BatchSize = 4,
            GradientCheckpointing = checkpointing,
            Seed = 7
        }, Some.TrainingExamples, null, state);

    private static Dictionary<string, float[]> Values(SoftPrompt prompt) =>
        prompt.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach().data<float>().ToArray());

    /// <summary>Multiplies as libtorch does, and throws in the backward pass on demand; leaves the rest to others, if there are any.</summary>
    private sealed class FailingKernels(ITensorKernels? others) : ITensorKernels
    {
        internal bool Fails { get; set; }

        public string Name => "failing";

        public bool CanMultiply(Tensor x, Tensor weight) => true;

        public Tensor Linear(Tensor x, Tensor weight) =>
            x.requires_grad && is_grad_enabled() ? FailingLinear.Apply(x, weight, () => Fails) : nn.functional.linear(x, weight);

        public Tensor NormedLinear(Tensor x, double epsilon, Tensor weight) => others!.NormedLinear(x, epsilon, weight);

        public bool CanNormalize(Tensor x) => others!.CanNormalize(x);

        public Tensor Norm(Tensor x, double epsilon) => others!.Norm(x, epsilon);

        public PreparedBias? PrepareBias(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize) =>
            others!.PrepareBias(table, buckets, spans, headSize);

        public bool CanAbsorb(Tensor states, Tensor k, Tensor v, long wideCount) => others!.CanAbsorb(states, k, v, wideCount);

        public Tensor CrossAttention(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input) =>
            others!.CrossAttention(q, states, k, v, input);
    }
}
