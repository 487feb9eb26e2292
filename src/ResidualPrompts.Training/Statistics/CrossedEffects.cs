using MathNet.Numerics.Distributions;

namespace ResidualPrompts.Statistics;

/// <summary>The mean difference of two methods over paired seeds, with the spread of rows and that of seeds.</summary>
/// <param name="Value">The mean difference.</param>
/// <param name="Variance">Its squared standard error.</param>
/// <param name="DegreesOfFreedom">Degrees of freedom of <paramref name="Variance"/>.</param>
internal sealed record CrossedEffects(double Value, double Variance, double DegreesOfFreedom)
{
    internal const string Rule = "crossed random effects of rows and seeds";

    /// <summary>
    /// Every seed is scored on the same clusters, so a difference is the sum of a cluster's effect, a seed's effect and a rest, all random. The
    /// variance of the mean is (MS_rows + MS_seeds − MS_rest) / (n·k) and not below MS_rest / (n·k); its degrees of freedom are Satterthwaite's
    /// (1946). The mean squares are those of a two-way table with one value a cell (Searle, Casella and McCulloch 1992, chapter 4).
    /// </summary>
    /// <param name="differences">For each seed, of which there are at least 2, a value for each cluster.</param>
    internal static CrossedEffects Of(IReadOnlyList<IReadOnlyList<double>> differences)
    {
        int seeds = differences.Count, rows = differences[0].Count;
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        double[] ofSeed = [.. differences.Select(values => values.Average())];
        double[] ofRow = [.. Enumerable.Range(0, rows).Select(row => differences.Average(values => values[row]))];
        var mean = ofSeed.Average();
        var squaresOfSeeds = rows * ofSeed.Sum(value => Square(value - mean));
        var squaresOfRows = seeds * ofRow.Sum(value => Square(value - mean));
        double squaresOfRest = 0;
        for (var seed = 0; seed < seeds; seed++)
        {
            for (var row = 0; row < rows; row++)
                squaresOfRest += Square(differences[seed][row] - ofSeed[seed] - ofRow[row] + mean);
        }

        double freeSeeds = seeds - 1, freeRows = rows - 1, freeRest = freeSeeds * freeRows, cells = (double)rows * seeds;
        var (meanRows, meanSeeds, meanRest) = (squaresOfRows / freeRows, squaresOfSeeds / freeSeeds, squaresOfRest / freeRest);
        var sum = meanRows + meanSeeds - meanRest;
        if (sum <= meanRest)
            return new CrossedEffects(mean, meanRest / cells, freeRest);
        var free = Square(sum) / ((Square(meanRows) / freeRows) + (Square(meanSeeds) / freeSeeds) + (Square(meanRest) / freeRest));
        return new CrossedEffects(mean, sum / cells, free);
    }

    /// <summary>
    /// A value for each cluster whose mean is the mean of the rows: the cluster's residuals are added up, so that clusters of different sizes count
    /// by their rows. With one seed the standard error is that of <see cref="ClusterMean"/>.
    /// </summary>
    internal static double[] OfClusters(IReadOnlyList<double> values, Clusters clusters)
    {
        var mean = values.Average();
        var scale = (double)clusters.Count / values.Count;
        return [.. Enumerable.Range(0, clusters.Count).Select(cluster => mean + (scale * clusters[cluster].Sum(row => values[row] - mean)))];
    }

    /// <summary>The mean difference with its interval.</summary>
    internal Estimate Estimate
    {
        get
        {
            if (Variance == 0)
                return Statistics.Estimate.Without(Value, Reasons.AllEqual);
            var half = StudentT.InvCDF(0, 1, DegreesOfFreedom, 1 - Interval.Tail) * Math.Sqrt(Variance);
            return new Estimate(Value, new Interval(Value - half, Value + half, Rule));
        }
    }

    /// <summary>The two-sided p value of no difference, by the t of the interval, with which it therefore agrees.</summary>
    internal double PValue => Value == 0 ? 1 : Variance == 0 ? 0
        : 2 * StudentT.CDF(0, 1, DegreesOfFreedom, -Math.Abs(Value) / Math.Sqrt(Variance));

    private static double Square(double value) => value * value;
}
