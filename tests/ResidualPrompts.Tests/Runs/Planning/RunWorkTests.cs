using ResidualPrompts.Batching;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs.Planning;

public sealed class RunWorkTests
{
    private static readonly EncodedExample[] Examples = [.. Enumerable.Range(0, 50).Select(i => new EncodedExample(new int[1 + (i * 37 % 61)], [1]))];

    [Fact]
    public void The_largest_batches_are_the_largest_of_the_whole_run()
    {
        var settings = new TrainingSettings { EpochCount = 5, BatchSize = 4, Seed = 3 };
        var all = Enumerable.Range(1, 5).SelectMany(epoch => Trainer.StepsOf(settings, Examples.Length, epoch)).ToArray();
        var largest = RunWork.LargestBatches(settings, Examples, 10);
        Tokens(largest[0]).Should().Be(all.Max(Tokens));
        largest.Max(Squares).Should().Be(all.Max(Squares));
        largest.Count.Should().BeInRange(1, 2);

        static int Tokens(int[] batch) => batch.Sum(i => Examples[i].InputIds.Length + 10);
        static int Squares(int[] batch) => batch.Sum(i => (Examples[i].InputIds.Length + 10) * (Examples[i].InputIds.Length + 10));
    }

    [Fact]
    public void Spread_items_are_all_items_once_and_the_middle_first()
    {
        foreach (var count in new[] { 1, 2, 3, 7, 8, 100 })
            RunWork.Spread([.. Enumerable.Range(0, count)]).Order().Should().Equal(Enumerable.Range(0, count));
        RunWork.Spread([.. Enumerable.Range(0, 8)]).Should().Equal(4, 2, 6, 1, 3, 5, 7, 0);
    }

    [Fact]
    public void Typical_steps_are_whole_steps_of_the_first_epoch()
    {
        var settings = new TrainingSettings { EpochCount = 2, BatchSize = 4, AccumulationCount = 2 };
        var steps = RunWork.TypicalSteps(settings, Examples).ToArray();
        steps.Should().HaveCount(6).And.OnlyContain(step => step.Length == 8);
        steps.SelectMany(step => step).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void First_units_are_predicted_as_they_were_and_later_ones_at_the_later_rate()
    {
        var curve = new CostCurve();
        foreach (var (tokens, seconds) in new[] { (100, 5.0), (100, 2.0), (100, 1.0), (300, 3.0) })
            curve.Add(tokens, seconds);
        curve.SecondsPerToken.Should().BeApproximately(0.01, 1e-12);
        curve.Seconds(1, 100).Should().BeApproximately(5, 1e-9);
        curve.Seconds(2, 200).Should().BeApproximately(6 + 3, 1e-9, "what the first ones take more does not grow with the tokens");
        curve.Seconds(12, 100).Should().BeApproximately(5 + 2 + 10, 1e-9);
        curve.Seconds(0, 100).Should().Be(0);
    }
}
