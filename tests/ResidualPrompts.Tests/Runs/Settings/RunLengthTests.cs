using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Tests.Runs.Settings;

public sealed class RunLengthTests
{
    private static readonly RunSpec Valid = new() { Task = "subj", SaveName = "run" };

    /// <summary>Ten steps are an epoch.</summary>
    [Theory]
    [InlineData(null, null, 50, 5, 10)]
    [InlineData(3, null, 30, 3, 10)]
    [InlineData(null, 25, 25, 3, 10)]
    [InlineData(null, 1000, 1000, 100, 50)]
    [InlineData(3, 25, 25, 3, 10)]
    [InlineData(2, 25, 20, 2, 10)]
    [InlineData(100, 25, 25, 3, 10)]
    public void Epochs_and_steps_end_a_run_whichever_come_first(int? epochs, int? steps, int last, int begun, int every)
    {
        var length = RunLength.Of(Valid with { Epochs = epochs, MaxSteps = steps }, trainCount: 80);
        (length.LastStep, length.EpochCount, length.EvaluateEvery).Should().Be((last, begun, every));
        (length.Decision(Valid with { Epochs = epochs, MaxSteps = steps }) is null).Should().Be(epochs is null || steps is null);
    }

    [Fact]
    public void Of_two_limits_the_one_that_decides_is_said()
    {
        string? Said(int epochs, int steps)
        {
            var spec = Valid with { Epochs = epochs, MaxSteps = steps };
            return RunLength.Of(spec, trainCount: 80).Decision(spec);
        }

        Said(5, 25).Should().Be("The run ends after 25 steps, in epoch 3: max_steps comes before epochs, which would be 50 steps.");
        Said(2, 25).Should().Be("The run ends after 2 epochs, which are 20 steps: epochs comes before max_steps, which would be 25.");
    }

    /// <summary>A record of an earlier version has epochs alone, and so has a new one without max_steps.</summary>
    [Fact]
    public void A_record_holds_the_epochs_in_force()
    {
        RunSpecJson.Write(Valid)["epochs"]!.GetValue<int>().Should().Be(5);
        RunSpecJson.Write(Valid with { MaxSteps = 7 })["epochs"].Should().BeNull();
        var read = RunSpecJson.Read(RunSpecJson.Write(Valid with { MaxSteps = 7 }), "test");
        (read.Epochs, read.MaxSteps).Should().Be((null, 7L));
        RunSpecJson.Differences(RunSpecJson.Read(new JsonObject { ["task"] = "subj", ["epochs"] = 5 }, "test"), Valid).Should().BeEmpty();
    }

    [Fact]
    public void Evaluations_are_counted_in_one_unit() =>
        (Valid with { EvaluateEvery = 1, EvaluateEverySteps = 3 }).Validate().Should()
            .ContainSingle(problem => problem.Key == "evaluate_every_steps");
}
