using MathNet.Numerics.Distributions;
using ResidualPrompts.Statistics;

namespace ResidualPrompts.Tests.Statistics;

/// <summary>
/// How often intervals hold the truth, in simulations with fixed generators. Differences are d = S_j + R_i + E_ij over 500 rows; the deviation of a
/// seed's effect S is given, that of a row's effect R is 0.20, and that of the rest 0.35.
/// </summary>
public sealed class CoverageTests
{
    private const int Rows = 500, Rounds = 2000;

    [Theory]
    [InlineData(3, 0.91, 0.98)]
    [InlineData(5, 0.93, 0.97)]
    [InlineData(10, 0.93, 0.97)]
    public void The_interval_of_the_method_covers_with_rows_and_seeds_at_random(int seeds, double least, double most)
    {
        foreach (var ofSeeds in new[] { 0, 0.02, 0.05 })
        {
            foreach (var isBinary in new[] { false, true })
            {
                var random = new Random((seeds * 1000) + (int)(ofSeeds * 100) + (isBinary ? 7 : 0));
                var held = Enumerable.Range(0, Rounds).Count(_ =>
                    CrossedEffects.Of(isBinary ? Binary(random, seeds, ofSeeds) : Gaussian(random, seeds, ofSeeds)).Estimate.Interval!.Holds(0));
                ((double)held / Rounds).Should().BeInRange(least, most, "seeds deviate by {0}, binary: {1}", ofSeeds, isBinary);
            }
        }
    }

    /// <summary>The usual way: the mean over the seeds of each row, and rows drawn again. It does not see that other seeds would differ.</summary>
    [Fact]
    public void A_bootstrap_of_rows_alone_covers_too_rarely()
    {
        var random = new Random(11);
        var held = 0;
        const int Simulations = 400;
        for (var round = 0; round < Simulations; round++)
        {
            var differences = Gaussian(random, 3, 0.02);
            double[] means = [.. Enumerable.Range(0, Rows).Select(row => differences.Average(values => values[row]))];
            var draws = new double[400];
            for (var draw = 0; draw < draws.Length; draw++)
            {
                double sum = 0;
                for (var i = 0; i < Rows; i++)
                    sum += means[random.Next(Rows)];
                draws[draw] = sum / Rows;
            }

            Array.Sort(draws);
            if (BootstrapInterval.Quantile(draws, 0.025) <= 0 && 0 <= BootstrapInterval.Quantile(draws, 0.975))
                held++;
        }

        ((double)held / Simulations).Should().BeLessThan(0.9);
    }

    /// <summary>30 clusters of 10 rows with an intraclass correlation of 0.2.</summary>
    [Fact]
    public void Clusters_must_be_known_for_an_interval_to_cover()
    {
        var random = new Random(13);
        var clusters = Clusters.Of([.. Enumerable.Range(0, 300).Select(row => $"{row / 10}")]);
        var (withClusters, without) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            double[] effects = [.. Enumerable.Range(0, 30).Select(_ => Normal.Sample(random, 0, Math.Sqrt(0.2)))];
            double[] values = [.. Enumerable.Range(0, 300).Select(row => effects[row / 10] + Normal.Sample(random, 0, Math.Sqrt(0.8)))];
            withClusters += ClusterMean.Of(values, clusters).Interval!.Holds(0) ? 1 : 0;
            without += ClusterMean.Of(values, Clusters.OfRows(300)).Interval!.Holds(0) ? 1 : 0;
        }

        ((double)withClusters / Rounds).Should().BeInRange(0.93, 0.97);
        ((double)without / Rounds).Should().BeLessThan(0.85);
    }

    private static double[][] Gaussian(Random random, int seeds, double ofSeeds)
    {
        double[] rows = [.. Enumerable.Range(0, Rows).Select(_ => Normal.Sample(random, 0, 0.20))];
        return
        [
            .. Enumerable.Range(0, seeds).Select(_ =>
            {
                var effect = Normal.Sample(random, 0, ofSeeds);
                return rows.Select(row => effect + row + Normal.Sample(random, 0, 0.35)).ToArray();
            }),
        ];
    }

    /// <summary>
    /// Differences of right and wrong answers, −1, 0 or 1, with the same deviations: 16 % of the rows favour one method by half
    /// (0.16 · 0.5² = 0.20²), and the others change sides by chance as often as the rest needs. A seed's effect moves both chances.
    /// </summary>
    private static double[][] Binary(Random random, int seeds, double ofSeeds)
    {
        const double Chance = 0.0491; // (0.35² − 0.16 · 0.25) / (2 · 0.84)
        int[] rows = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() switch { < 0.08 => -1, < 0.16 => 1, _ => 0 })];
        return
        [
            .. Enumerable.Range(0, seeds).Select(_ =>
            {
                var effect = Normal.Sample(random, 0, ofSeeds);
                return rows.Select(row =>
                {
                    var draw = random.NextDouble();
                    var (up, down) = row switch { 1 => (0.5, 0.0), -1 => (0.0, 0.5), _ => (Chance, Chance) };
                    return draw < Math.Max(0, up + (effect / 2)) ? 1.0 : draw > 1 - Math.Max(0, down - (effect / 2)) ? -1.0 : 0.0;
                }).ToArray();
            }),
        ];
    }
}
