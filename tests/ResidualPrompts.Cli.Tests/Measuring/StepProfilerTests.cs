using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Profiling;
using ResidualPrompts.Compute.Profiling;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class StepProfilerTests
{
    public static TheoryData<double, bool> Steps => new() { { 0, false }, { 0.1, false }, { 0, true } };

    [Theory]
    [MemberData(nameof(Steps))]
    public void The_parts_of_a_step_add_up_to_its_time_and_change_nothing(double dropout, bool trainsWeights)
    {
        var settings = new StepSettings { BatchSize = 2, PromptLength = 4, Dropout = dropout, TrainsWeights = trainsWeights };
        using var model = LoadedBackbone.Open("t5-nano", settings);
        var examples = StepExamples.Random(model.Model.Config, [12, 17], targetLength: 3, count: 6, seed: 1);
        using var plain = new StepLoop(model.Model, settings, examples);
        using var profiled = new StepLoop(model.Model, settings, examples);
        using var profiler = new StepProfiler();
        for (var i = 0; i < 3; i++)
        {
            var step = StepProfiler.Next(profiled);
            if (!trainsWeights) // else both train the same weights
                step.Step.Loss.Should().Be(plain.Next().Loss);
            step.Milliseconds.Values.Sum().Should().BeApproximately(step.TotalMilliseconds, 1e-6 * step.TotalMilliseconds);
            step.TotalMilliseconds.Should().BeGreaterThanOrEqualTo(step.Step.Milliseconds);
            step.Milliseconds.Keys.Should().Contain(
            [
                StepProfile.Batching, StepProfile.Attention, StepProfile.CrossAttention, StepProfile.Norms, StepProfile.Decoder,
                StepProfile.OutputLayer, StepProfile.Update, StepProfile.Other, "product 256 → 1024", "product 1024 → 256",
            ]);
            step.Milliseconds.ContainsKey(StepProfile.Dropout).Should().Be(dropout > 0);
        }
    }

    [Fact]
    public void Operations_of_products_are_counted_forward_and_backward()
    {
        var settings = new StepSettings { BatchSize = 2, PromptLength = 4 };
        using var model = LoadedBackbone.Open("t5-nano", settings);
        var config = model.Model.Config;
        using var loop = new StepLoop(model.Model, settings, StepExamples.Random(config, [12], targetLength: 3, count: 2, seed: 1));
        using var profiler = new StepProfiler();
        var step = StepProfiler.Next(loop);
        double rows = 2 * (12 + 4), size = (double)config.HiddenSize * config.FeedForwardSize * config.EncoderLayerCount;
        step.Flops["product 256 → 1024"].Should().Be(2 * 2 * rows * size);
        step.Flops[StepProfile.OutputLayer].Should().Be(2 * 2 * 2 * 3 * (double)config.HiddenSize * config.VocabularySize);
    }

    [Fact]
    public void A_report_says_whether_its_parts_add_up()
    {
        static ProfileReport Of(double other) => new(
        [
            new ProfiledStep(
                new MeasuredStep(100, 200, 1, 1, 1, 1), new Dictionary<string, double> { ["product 2 → 3"] = 60, ["other"] = other },
                new Dictionary<string, double> { ["product 2 → 3"] = 6e9 }, 60 + other),
        ],
        attentionFlops: 0);
        Of(41).AddsUp.Should().BeTrue();
        Of(44).AddsUp.Should().BeFalse();
        Of(36).AddsUp.Should().BeFalse();
        var product = Of(40).Parts.Should().HaveCount(2).And.Subject.First();
        product.Should().Be(new ProfiledPart("product 2 → 3", 60, 0.6, 100));
        Of(40).ToTable().Should().Contain("| product 2 → 3 | 60 | 60.0 % | 100 | 0.5 |").And.Contain("| other | 40 | 40.0 % | | |");
    }
}
