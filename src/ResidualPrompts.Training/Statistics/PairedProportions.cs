namespace ResidualPrompts.Statistics;

/// <summary>
/// The difference of two accuracies on the same rows, by the score intervals of both and their correlation (Newcombe 1998, method 10: the numerator
/// of the correlation is brought towards 0 by half a row count).
/// </summary>
internal static class PairedProportions
{
    internal const string Rule = "Newcombe's paired score";

    /// <summary>The difference of the first and the second accuracy, and its interval.</summary>
    /// <param name="both">Rows that both have right.</param>
    /// <param name="first">Rows that only the first has right.</param>
    /// <param name="second">Rows that only the second has right.</param>
    /// <param name="neither">Rows that both have wrong.</param>
    internal static Estimate Of(int both, int first, int second, int neither)
    {
        var count = both + first + second + neither;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (one, other) = ((double)(both + first) / count, (double)(both + second) / count);
        var (oneLow, oneHigh) = Wilson.Limits(one, count);
        var (otherLow, otherHigh) = Wilson.Limits(other, count);
        var correlation = Correlation(both, first, second, neither);
        var difference = one - other;
        return new Estimate(difference, new Interval(
            difference - Distance(one - oneLow, otherHigh - other), difference + Distance(oneHigh - one, other - otherLow), Rule));

        double Distance(double a, double b) => Math.Sqrt(Math.Max(0, (a * a) - (2 * correlation * a * b) + (b * b)));
    }

    private static double Correlation(double both, double first, double second, double neither)
    {
        var product = (both + first) * (second + neither) * (both + second) * (first + neither);
        if (product == 0)
            return 0;
        var numerator = (both * neither) - (first * second);
        var half = (both + first + second + neither) / 2;
        return (numerator > half ? numerator - half : Math.Min(numerator, 0)) / Math.Sqrt(product);
    }
}
