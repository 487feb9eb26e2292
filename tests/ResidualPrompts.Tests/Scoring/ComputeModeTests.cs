using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Scoring;

/// <summary>
/// Prepared weights, packed rows, absorbed projections: whatever is done for speed, the numbers are those of the straightforward T5.
/// </summary>
public sealed class ComputeModeTests
{
    private const double LossTolerance = 1e-5; // relative
    private const double GradientTolerance = 1e-4; // relative to the largest element

    public static TheoryData<ComputeMode, Computing, int, int, double> Cases
    {
        get
        {
            var cases = new TheoryData<ComputeMode, Computing, int, int, double>();
            foreach (var (mode, computing, version) in Fast.Select(row => row.Data))
            {
                foreach (var dropout in new[] { 0, 0.3 })
                {
                    foreach (var promptLength in Enumerable.Range(0, 9))
                        cases.Add(mode, computing, version, promptLength, dropout);
                }
            }

            return cases;
        }
    }

    public static MatrixTheoryData<ComputeMode, Computing, int> Fast =>
        new([ComputeMode.Packed, ComputeMode.Padded], Enum.GetValues<Computing>(), [10, 11]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_and_prompt_gradient_are_those_of_the_straightforward_mode(ComputeMode mode, Computing computing, int version, int promptLength,
        double dropout)
    {
        using var scope = NewDisposeScope();
        var (expectedLoss, expectedGradient) = LossAndGradient(ComputeMode.Straightforward, Computing.LibTorch, version, promptLength, dropout);
        var (loss, gradient) = LossAndGradient(mode, computing, version, promptLength, dropout);
        loss.Should().BeApproximately(expectedLoss, LossTolerance * expectedLoss);
        if (promptLength > 0)
            TensorAssert.Close(gradient!, expectedGradient!, GradientTolerance * expectedGradient!.abs().max().item<float>());
    }

    /// <summary>
    /// Sizes that the managed kernels are made for, with numbers of rows that their blocks divide and do not divide. The
    /// straightforward model has float64 here: among so many units of relu one may lie within float32's rounding of zero, and then two ways
    /// of rounding differ by its whole derivative, 1e-4 of the gradient. With one of them exact that is half as likely.
    /// </summary>
    [Theory]
    [MemberData(nameof(Fast))]
    public void Loss_and_prompt_gradient_of_a_model_of_real_sizes_are_those_of_the_straightforward_mode(ComputeMode mode, Computing computing,
        int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version) with { HiddenSize = 128, HeadSize = 32, HeadCount = 3, FeedForwardSize = 256 };
        using var straightforward = TinyT5.CreateFrozen(config, ComputeMode.Straightforward, ScalarType.Float64);
        using var fast = AnyComputing.Frozen(config, computing, mode);
        foreach (var lengths in new[] { [70, 90, 64, 96], new[] { 61, 62, 75, 103 }, [20, 17, 9, 31] })
        {
            using var batch = Batch.Of([.. lengths.Select((length, i) =>
                new EncodedExample(TinyT5.RandomIds(config, length, i), TinyT5.RandomIds(config, 3, 40 + i)))]);
            foreach (var rate in new[] { 0, 0.1 })
            {
                (double Loss, Tensor Gradient) Run(T5Model model)
                {
                    using var prompt = Some.Prompt(config, 5);
                    prompt.Parameters["prompt"].requires_grad_(true);
                    var loss = new PromptedT5(model, prompt).Loss(batch, rate > 0 ? new Dropout(rate, 11) : null);
                    loss.backward();
                    return (loss.to_type(ScalarType.Float64).item<double>(), prompt.Parameters["prompt"].grad!.clone());
                }

                var (expectedLoss, expected) = Run(straightforward);
                var (loss, gradient) = Run(fast);
                loss.Should().BeApproximately(expectedLoss, LossTolerance * expectedLoss);
                TensorAssert.Close(gradient, expected, GradientTolerance * expected.abs().max().item<float>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Label_scores_and_generated_tokens_are_those_of_the_straightforward_mode_with_prompts_of_several_lengths(ComputeMode mode,
        Computing computing, int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var straightforward = TinyT5.CreateFrozen(config, ComputeMode.Straightforward);
        using var fast = AnyComputing.Frozen(config, computing, mode);
        using var first = Some.Prompt(config, 2, seed: 5);
        using var second = Some.Prompt(config, 7, seed: 6);
        SoftPrompt[] prompts = [first, second, second, first];
        using var batch = Batch.Of(Some.Examples(config));
        var expected = new PromptedT5(straightforward).ScoreLabels(batch, Some.Labels, prompts);
        var scores = new PromptedT5(fast).ScoreLabels(batch, Some.Labels, prompts);
        foreach (var (actual, wanted) in scores.SelectMany(row => row).Zip(expected.SelectMany(row => row)))
            actual.Should().BeApproximately(wanted, 2e-5);
        foreach (var count in new[] { 3, 8 }) // keys and values absorbed, and projected
        {
            var options = new GenerationOptions(count, IgnoreEos: true);
            new PromptedT5(fast).Generate(batch, options, prompts).Should().BeEquivalentTo(
                new PromptedT5(straightforward).Generate(batch, options, prompts), compare => compare.WithStrictOrdering());
        }
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Rows_that_several_examples_share_get_the_sum_of_their_gradients(ComputeMode mode, Computing computing, int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var straightforward = TinyT5.CreateFrozen(config, ComputeMode.Straightforward);
        using var fast = AnyComputing.Frozen(config, computing, mode);
        using var batch = Batch.Of(Some.Examples(config));
        var parts = new[] { 2, 7 }.Select((length, seed) => Some.Prompt(config, length, seed).Parameters["prompt"].requires_grad_(true)).ToArray();
        int[] partOf = [0, 1, 1, 0];
        var (rows, lengths) = PromptInsertion.Prepend([.. partOf.Select(part => parts[part])], straightforward.Embed(batch.InputIds),
            batch.InputLengths);
        var expectedStates = straightforward.Encode(rows, lengths);
        var weights = rand_like(expectedStates) * arange(expectedStates.shape[1]).view(1, -1,
            1).lt(tensor(lengths.Select(length => (long)length).ToArray()).view(-1, 1, 1));
        (expectedStates * weights).sum().backward();
        var expected = parts.Select(part => part.grad!.clone()).ToArray();
        foreach (var part in parts)
            part.grad!.zero_();

        var states = fast.Encode(EncoderInput.Of(parts, partOf, fast.Embed(batch.PackedInputIds), batch.InputLengths), null);
        (states * weights).sum().backward();
        for (var i = 0; i < parts.Length; i++)
            TensorAssert.Close(parts[i].grad!, expected[i], GradientTolerance * expected[i].abs().max().item<float>());
    }

    [Theory]
    [InlineData(Computing.LibTorch, 10)]
    [InlineData(Computing.LibTorch, 11)]
    [InlineData(Computing.Managed, 10)]
    [InlineData(Computing.Managed, 11)]
    [InlineData(Computing.Mixed, 10)]
    [InlineData(Computing.Mixed, 11)]
    public void Trained_weights_get_the_gradients_of_the_straightforward_mode(Computing computing, int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var batch = Batch.Of(Some.Examples(config));
        Dictionary<string, Tensor> Gradients(ComputeMode mode)
        {
            using var weights = TinyT5.Create(config);
            using var model = weights.Variant(_ => AnyComputing.Computation(computing, mode));
            model.Train(_ => true);
            new PromptedT5(model).Loss(batch, new Dropout(0.2, 5)).backward();
            return model.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.grad!.clone());
        }

        var expected = Gradients(ComputeMode.Straightforward);
        foreach (var (name, gradient) in Gradients(ComputeMode.Packed))
            TensorAssert.Close(gradient, expected[name], GradientTolerance * expected[name].abs().max().item<float>(), name);
    }

    [Theory]
    [InlineData(ComputeMode.Packed, Computing.LibTorch, 10, 0.3)]
    [InlineData(ComputeMode.Packed, Computing.LibTorch, 11, 0)]
    [InlineData(ComputeMode.Padded, Computing.LibTorch, 10, 0)]
    [InlineData(ComputeMode.Packed, Computing.Managed, 10, 0.3)]
    [InlineData(ComputeMode.Packed, Computing.Managed, 11, 0)]
    [InlineData(ComputeMode.Padded, Computing.Managed, 10, 0)]
    [InlineData(ComputeMode.Packed, Computing.Mixed, 10, 0.3)]
    [InlineData(ComputeMode.Packed, Computing.Mixed, 11, 0)]
    [InlineData(ComputeMode.Straightforward, Computing.LibTorch, 10, 0.3)]
    public void Gradient_checkpointing_changes_neither_loss_nor_gradients(ComputeMode mode, Computing computing, int version, double rate)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var batch = Batch.Of(Some.Examples(config));
        (double Loss, Tensor[] Gradients) Run(bool checkpointing, bool trainsWeights)
        {
            using var weights = trainsWeights ? TinyT5.Create(config) : TinyT5.CreateFrozen(config, mode);
            using var model = weights.Variant(_ => AnyComputing.Computation(computing, mode));
            using var prompt = Some.Prompt(config, 5);
            model.Train(_ => trainsWeights);
            Tensor[] trained = [prompt.Parameters["prompt"].requires_grad_(true), .. model.Weights.Values.Where(weight => weight.requires_grad)];
            var loss = new PromptedT5(model, prompt).Backward(batch, 0.7, rate > 0 ? new Dropout(rate, 3) : null, checkpointing: checkpointing);
            return (loss, [.. trained.Select(tensor => tensor.grad!.clone())]);
        }

        foreach (var trainsWeights in new[] { false, true })
        {
            var (expectedLoss, expected) = Run(false, trainsWeights);
            var (loss, gradients) = Run(true, trainsWeights);
            loss.Should().BeApproximately(expectedLoss, LossTolerance * expectedLoss);
            gradients.Length.Should().Be(expected.Length);
            foreach (var (gradient, wanted) in gradients.Zip(expected))
                TensorAssert.Close(gradient, wanted, GradientTolerance * wanted.abs().max().item<float>());
        }
    }

    [Fact]
    public void A_prepared_model_trains_no_weight()
    {
        using var model = TinyT5.CreateFrozen(TinyT5.Version10, ComputeMode.Packed);
        var act = () => model.Train(name => name.Contains("wo"));
        act.Should().Throw<InvalidOperationException>().WithMessage("*frozen*");
        model.Train(_ => false);
    }

    [Fact]
    public void To_prepare_keeps_no_second_copy_of_the_weights()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        var before = model.Weights.Values.ToList();
        model.Freeze();
        before.Where(weight => !weight.IsInvalid).Should().OnlyContain(weight => model.Weights.Values.Any(kept => ReferenceEquals(kept, weight)));
    }

    private static (double Loss, Tensor? Gradient) LossAndGradient(ComputeMode mode, Computing computing, int version, int promptLength,
        double dropout)
    {
        var config = TinyT5.Version(version);
        using var model = AnyComputing.Frozen(config, computing, mode);
        using var prompt = promptLength == 0 ? null : Some.Prompt(config, promptLength);
        prompt?.Parameters["prompt"].requires_grad_(true);
        using var batch = Batch.Of(Some.Examples(config));
        var loss = new PromptedT5(model, prompt).Loss(batch, dropout > 0 ? new Dropout(dropout, 11) : null);
        if (prompt is null)
            return (loss.item<float>(), null);
        loss.backward();
        return (loss.item<float>(), prompt.Parameters["prompt"].grad!.clone());
    }
}
