using ResidualPrompts.Statistics;

namespace ResidualPrompts.Tests.Statistics;

public sealed class DifferenceTests
{
    [Theory]
    [InlineData(5, 0, 0.0625)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(10, 3, 0.0923)]
    [InlineData(0, 0, 1)]
    [InlineData(4, 4, 1)]
    public void McNemars_test_is_exact(int first, int second, double expected) =>
        McNemar.PValue(first, second).Should().BeApproximately(expected, 5e-5);

    [Fact]
    public void Holm_adjusts_in_the_order_of_the_values() =>
        Holm.Adjust([0.01, 0.04, 0.03, 0.005]).Should().BeEquivalentTo(
            [0.03, 0.06, 0.06, 0.02],
            options => options.Using<double>(pair => pair.Subject.Should().BeApproximately(pair.Expectation, 1e-12)).WhenTypeIs<double>()
                .WithStrictOrdering());

    /// <summary>Five clusters that all differ the same way: 2 of 32 patterns are as far off. With rows of one each it is McNemar's test.</summary>
    [Fact]
    public void Signs_are_flipped_in_all_ways_where_clusters_are_few()
    {
        SignFlip.PValue([1, 2, 1, 3, 1], seed: 0).Should().Be(2.0 / 32);
        SignFlip.PValue([0, 0, 0], seed: 0).Should().Be(1);
        SignFlip.PValue([1, -1], seed: 0).Should().Be(1);
        SignFlip.PValue([.. Enumerable.Repeat(1.0, 10), -1, -1, -1], seed: 0).Should().BeApproximately(McNemar.PValue(10, 3), 1e-12);
        // 0.1 + 0.2 − 0.3 is not 0 in binary numbers.
        SignFlip.PValue([0.1, 0.2, -0.3], seed: 0).Should().Be(1);
    }

    [Fact]
    public void Random_patterns_agree_with_all_of_them_and_never_give_0()
    {
        double[] values = [.. Enumerable.Repeat(1.0, 30), .. Enumerable.Repeat(-1.0, 15)];
        SignFlip.PValue(values, seed: 7).Should().BeApproximately(McNemar.PValue(30, 15), 0.004);
        SignFlip.PValue([.. Enumerable.Repeat(1.0, 200)], seed: 7).Should().BeInRange(1e-6, 1e-4);
    }

    /// <summary>A table of 2 seeds and 3 rows computed by hand: row means 2, 4, 6, seed means 3 and 5, rest 0.</summary>
    [Fact]
    public void Crossed_effects_are_those_of_a_two_way_table()
    {
        var effects = CrossedEffects.Of([[1, 3, 5], [3, 5, 7]]);
        effects.Value.Should().Be(4);
        // MS_rows = 2·8/2 = 8, MS_seeds = 3·2/1 = 6, MS_rest = 0.
        effects.Variance.Should().BeApproximately((8 + 6) / 6.0, 1e-12);
        effects.DegreesOfFreedom.Should().BeApproximately(14 * 14 / ((64 / 2.0) + 36), 1e-12);
        effects.Estimate.Interval!.Holds(0).Should().Be(effects.PValue > 0.05);
    }

    [Fact]
    public void Where_rows_and_seeds_have_no_effect_of_their_own_the_rest_is_the_variance()
    {
        var effects = CrossedEffects.Of([[1, -1, 1, -1], [-1, 1, -1, 1]]);
        effects.Variance.Should().BeApproximately(8.0 / 3 / 8, 1e-12);
        effects.DegreesOfFreedom.Should().Be(3);
        effects.PValue.Should().Be(1);
    }

    [Fact]
    public void Clusters_of_different_sizes_count_by_their_rows_as_they_do_with_one_seed()
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 60).Select(_ => (double)random.Next(-1, 2))];
        var clusters = Clusters.Of([.. Enumerable.Range(0, 60).Select(row => $"{(int)Math.Sqrt(row * 3)}")]);
        var ofClusters = CrossedEffects.OfClusters(values, clusters);
        var mean = values.Average();
        ofClusters.Average().Should().BeApproximately(mean, 1e-12);
        double count = clusters.Count;
        (ofClusters.Sum(value => (value - mean) * (value - mean)) / count / (count - 1))
            .Should().BeApproximately(ClusterMean.Variance(values, clusters, mean), 1e-12);
    }

    [Fact]
    public void The_p_value_of_the_method_agrees_with_its_interval()
    {
        var random = new Random(9);
        for (var i = 0; i < 200; i++)
        {
            var shift = 0.1 * random.NextDouble();
            double[][] differences =
                [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 40).Select(_ => shift + random.NextDouble() - 0.5).ToArray())];
            var effects = CrossedEffects.Of(differences);
            (effects.PValue < 0.05).Should().Be(!effects.Estimate.Interval!.Holds(0));
        }
    }

    [Fact]
    public void The_interquartile_mean_leaves_out_a_quarter_on_either_side() =>
        TaskAggregates.InterquartileMean([0, 1, 2, 3, 4, 100, 200, 300]).Should().Be(27.25);

    [Fact]
    public void The_probability_of_improvement_is_the_mean_over_tasks_and_a_tie_is_half()
    {
        TaskAggregates.ProbabilityOfImprovement([[1, 2], [5]], [[0, 1], [5]]).Should().Be(((3.5 / 4) + 0.5) / 2);
        TaskAggregates.Rescale(0.9, 0.6).Should().BeApproximately(0.75, 1e-12);
    }

    [Fact]
    public void Aggregates_have_an_interval_from_five_tasks_of_three_runs()
    {
        double[][] Tasks(int tasks, int runs) =>
            [.. Enumerable.Range(0, tasks).Select(task => Enumerable.Range(0, runs).Select(run => task + (0.1 * run)).ToArray())];
        double Mean(IReadOnlyList<IReadOnlyList<double>> tasks) => TaskAggregates.InterquartileMean(tasks.SelectMany(runs => runs));
        TaskAggregates.Bootstrap(Tasks(4, 3), Mean, seed: 1).NoInterval.Should().Be("fewer than 5 tasks of 3 runs each");
        TaskAggregates.Bootstrap(Tasks(5, 2), Mean, seed: 1).NoInterval.Should().NotBeNull();
        var estimate = TaskAggregates.Bootstrap(Tasks(5, 3), Mean, seed: 1);
        estimate.Interval!.Holds(estimate.Value).Should().BeTrue();
        // Runs are drawn within a task, so the spread between tasks makes the interval no wider.
        (estimate.Interval.High - estimate.Interval.Low).Should().BeLessThan(0.2);
    }
}
