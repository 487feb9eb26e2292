using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Compute;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests;

/// <summary>Of tests that measure the whole process, as one that counts its tensors.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

[Collection<Alone>]
public sealed class LeakTests
{
    // What tests before this one have left to the collector goes now, and not while tensors are counted.
    public LeakTests()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void No_tensor_is_gained_in_200_forward_and_backward_passes()
    {
        var config = TinyT5.Version11;
        using var model = TinyT5.Create(config);
        using var prompt = Some.Prompt(config, 3);
        var rows = prompt.Parameters["prompt"].requires_grad_(true);
        var prompted = new PromptedT5(model, prompt);
        var examples = Some.Examples(config);
        void Pass()
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(examples);
            prompted.Loss(batch, new Dropout(0.1, 1)).backward();
            rows.grad!.zero_();
            prompted.ScoreLabels(batch, Some.Labels);
            prompted.Generate(batch, new GenerationOptions(3));
        }

        Pass();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 200; i++)
            Pass();
        Tensor.TotalCount.Should().Be(before);
    }

    [Fact]
    public void No_tensor_is_gained_in_passes_of_a_model_that_computes_in_int8_and_none_stays_when_it_no_longer_does()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, "this processor has no vectors for it");
        var config = TinyT5.Version11;
        using var model = TinyT5.Create(config);
        model.Freeze();
        using var batch = Batch.Of(Some.Examples(config));
        var before = Tensor.TotalCount;
        var int8 = model.Variant(computation => computation with { Int8 = true });
        void Pass() => new PromptedT5(int8).ScoreLabels(batch, Some.Labels);
        Pass();
        var quantized = Tensor.TotalCount;
        quantized.Should().BeGreaterThan(before);
        for (var i = 0; i < 100; i++)
            Pass();
        Tensor.TotalCount.Should().Be(quantized);
        int8.Dispose();
        Tensor.TotalCount.Should().Be(before);
        var weightCount = model.Weights.Count;
        model.Dispose();
        Tensor.TotalCount.Should().Be(before - weightCount);
    }

    [Theory]
    [InlineData(ComputeMode.Packed, Computing.LibTorch, false)]
    [InlineData(ComputeMode.Packed, Computing.LibTorch, true)]
    [InlineData(ComputeMode.Padded, Computing.LibTorch, false)]
    [InlineData(ComputeMode.Packed, Computing.Managed, false)]
    [InlineData(ComputeMode.Packed, Computing.Managed, true)]
    [InlineData(ComputeMode.Padded, Computing.Managed, false)]
    [InlineData(ComputeMode.Packed, Computing.Mixed, false)]
    [InlineData(ComputeMode.Packed, Computing.Mixed, true)]
    public void No_tensor_is_gained_from_pass_to_pass_of_a_frozen_model(ComputeMode mode, Computing computing, bool checkpointing)
    {
        var config = TinyT5.Version11 with { HeadSize = 20 }; // so wide that keys and values are absorbed
        using var model = AnyComputing.Frozen(config, computing, mode);
        using var prompt = Some.Prompt(config, 3);
        prompt.Parameters["prompt"].requires_grad_(true);
        var prompted = new PromptedT5(model, prompt);
        using var batch = Batch.Of(Some.Examples(config));
        void Pass()
        {
            using var scope = NewDisposeScope();
            prompted.Backward(batch, 1, new Dropout(0.1, 1), checkpointing: checkpointing);
            prompted.Loss(batch).item<float>(); // a graph that nobody goes through
            prompted.ScoreLabels(batch, Some.Labels);
            prompted.Generate(batch, new GenerationOptions(3));
        }

        Pass();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 50; i++)
            Pass();
        Tensor.TotalCount.Should().Be(before);
    }

    [Fact]
    public void No_tensor_is_gained_from_step_to_step_of_a_training()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("residual mlp");
        using var state = new TrainingState();
        using var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, 0.1)], 1e-5);
        var settings = new TrainingSettings
        {
            EpochCount = 40,
            BatchSize = 4,
            BackboneDropout = 0.1,
            NetworkDropout = 0.1,
            LargestGradientNorm = 1e-4
        };
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, settings, Some.TrainingExamples, null, state);
        var counts = trainer.Run().OfType<StepCompleted>().Select(_ => Tensor.TotalCount).ToArray();
        counts[10..].Should().OnlyContain(count => count == counts[10]);
    }
}
