using MathNet.Numerics.Distributions;
using ResidualPrompts.Statistics;

namespace ResidualPrompts.Tests.Statistics;

public sealed class IntervalTests
{
    /// <summary>The chance that the interval of a random count holds the true proportion, summed exactly over all counts.</summary>
    [Theory]
    [InlineData(0.5, 0.964)]
    [InlineData(0.635, 0.952)]
    [InlineData(0.9, 0.945)]
    [InlineData(0.98, 0.982)]
    public void Wilsons_interval_of_28_rows_has_its_known_coverage(double proportion, double coverage) =>
        Enumerable.Range(0, 29).Where(successes => Wilson.Of(successes, 28).Interval!.Holds(proportion))
            .Sum(successes => Binomial.PMF(proportion, 28, successes)).Should().BeApproximately(coverage, 1e-3);

    [Fact]
    public void Wilsons_interval_ends_at_0_and_1_exactly_and_is_that_of_the_textbook()
    {
        Wilson.Of(0, 28).Interval!.Low.Should().Be(0);
        Wilson.Of(28, 28).Interval!.High.Should().Be(1);
        // Newcombe 1998: 81 of 263.
        var interval = Wilson.Of(81, 263).Interval!;
        interval.Low.Should().BeApproximately(0.2553, 5e-5);
        interval.High.Should().BeApproximately(0.3662, 5e-5);
    }

    /// <summary>Newcombe 1998, table II.</summary>
    [Fact]
    public void Newcombes_paired_interval_is_that_of_his_paper()
    {
        var estimate = PairedProportions.Of(both: 36, first: 12, second: 2, neither: 0);
        estimate.Value.Should().BeApproximately(0.2, 1e-12);
        estimate.Interval!.Low.Should().BeApproximately(0.0569, 5e-5);
        estimate.Interval.High.Should().BeApproximately(0.3404, 5e-5);
        var turned = PairedProportions.Of(both: 36, first: 2, second: 12, neither: 0).Interval!;
        turned.Low.Should().BeApproximately(-estimate.Interval.High, 1e-12);
        turned.High.Should().BeApproximately(-estimate.Interval.Low, 1e-12);
        PairedProportions.Of(both: 28, first: 0, second: 0, neither: 0).Interval!.Holds(0).Should().BeTrue();
    }

    [Fact]
    public void Rows_alone_are_clusters_of_one_and_then_the_standard_error_is_the_usual_one()
    {
        double[] values = [1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0];
        var mean = values.Average();
        var usual = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length;
        ClusterMean.Variance(values, Clusters.OfRows(12), mean).Should().BeApproximately(usual, 1e-15);
        var interval = ClusterMean.Of(values, Clusters.OfRows(12)).Interval!;
        interval.High.Should().BeApproximately(mean + (2.200985 * Math.Sqrt(usual)), 1e-6); // t(11) of a table
        interval.Rule.Should().Be(ClusterMean.Rule);
    }

    [Fact]
    public void Copies_of_a_row_in_its_cluster_add_no_evidence()
    {
        double[] values = [1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0];
        double[] twice = [.. values, .. values];
        var clusters = Clusters.Of([.. Enumerable.Range(0, 24).Select(row => $"{row % 12}")]);
        clusters.Count.Should().Be(12);
        ClusterMean.Of(twice, clusters).Interval.Should().BeEquivalentTo(
            ClusterMean.Of(values, Clusters.OfRows(12)).Interval,
            options => options.Using<double>(pair => pair.Subject.Should().BeApproximately(pair.Expectation, 1e-12)).WhenTypeIs<double>());
        ClusterMean.Of(twice, Clusters.OfRows(24)).Interval!.Low.Should().BeGreaterThan(ClusterMean.Of(twice, clusters).Interval!.Low);
    }

    [Fact]
    public void Too_few_clusters_and_equal_rows_have_a_reason_instead_of_an_interval()
    {
        var nine = Clusters.Of([.. Enumerable.Range(0, 90).Select(row => $"{row % 9}")]);
        double[] values = [.. Enumerable.Range(0, 90).Select(row => row % 2.0)];
        ClusterMean.Of(values, nine).Should().Be(new Estimate(0.5, null, "only 9 clusters, an interval needs 10"));
        BootstrapInterval.Of(nine, rows => rows.Average(row => values[row]), seed: 1).NoInterval.Should().Be("only 9 clusters, an interval needs 10");
        double[] same = [.. Enumerable.Repeat(1.0, 20)];
        ClusterMean.Of(same, Clusters.OfRows(20)).NoInterval.Should().Be("all rows are equal");
        BootstrapInterval.Of(Clusters.OfRows(20), rows => rows.Average(row => same[row]), seed: 1).NoInterval.Should().Be("all rows are equal");
        BootstrapInterval.Of(Clusters.OfRows(20), rows => rows.Contains(0) ? 1.0 / rows.Count(row => row == 0) : null, seed: 1)
            .NoInterval.Should().Match("the metric is undefined in 3? % of the resampled data sets");
    }

    [Fact]
    public void The_bootstrap_of_a_mean_is_near_the_t_interval_and_the_same_seed_gives_the_same_one()
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble() < 0.7 ? 1.0 : 0)];
        var clusters = Clusters.OfRows(200);
        var bootstrap = BootstrapInterval.Of(clusters, rows => rows.Average(row => values[row]), seed: 3);
        var exact = ClusterMean.Of(values, clusters).Interval!;
        bootstrap.Interval!.Rule.Should().Be(BootstrapInterval.Rule);
        bootstrap.Interval.Low.Should().BeApproximately(exact.Low, 0.012);
        bootstrap.Interval.High.Should().BeApproximately(exact.High, 0.012);
        BootstrapInterval.Of(clusters, rows => rows.Average(row => values[row]), seed: 3).Should().Be(bootstrap);
        BootstrapInterval.Of(clusters, rows => rows.Average(row => values[row]), seed: 4).Should().NotBe(bootstrap);
    }

    /// <summary>The variance of a skewed sample: the corrected interval lies further up than the percentiles.</summary>
    [Fact]
    public void The_correction_moves_the_interval_of_a_skewed_metric()
    {
        var random = new Random(2);
        double[] values = [.. Enumerable.Range(0, 60).Select(_ => -Math.Log(random.NextDouble()))];
        double? Spread(IReadOnlyList<int> rows)
        {
            var mean = rows.Average(row => values[row]);
            return rows.Average(row => (values[row] - mean) * (values[row] - mean));
        }

        var corrected = BootstrapInterval.Of(Clusters.OfRows(60), Spread, seed: 1).Interval!;
        var draws = new List<double>();
        BootstrapInterval.Of(Clusters.OfRows(60), rows => Kept(Spread(rows)!.Value), seed: 1);
        double? Kept(double value)
        {
            draws.Add(value);
            return value;
        }

        double[] sorted = [.. draws.Skip(1).Take(BootstrapInterval.Rounds).Order()];
        corrected.Low.Should().BeGreaterThan(BootstrapInterval.Quantile(sorted, 0.025));
        corrected.High.Should().BeGreaterThan(BootstrapInterval.Quantile(sorted, 0.975));
    }

    [Fact]
    public void Pseudo_values_of_a_mean_are_the_values_themselves()
    {
        double[] values = [3, 1, 4, 1, 5];
        Jackknife.PseudoValues(Clusters.OfRows(5), rows => rows.Average(row => values[row])).Should()
            .BeEquivalentTo(values, options => options.Using<double>(pair => pair.Subject.Should().BeApproximately(pair.Expectation, 1e-12))
                .WhenTypeIs<double>().WithStrictOrdering());
        Jackknife.PseudoValues(Clusters.OfRows(5), rows => rows.Count == 5 ? 1 : null).Should().BeNull();
    }
}
