using MathNet.Numerics.Distributions;

namespace ResidualPrompts.Statistics;

/// <summary>
/// The exact test of McNemar (1947) for two runs on the same rows: among the rows that only one run has right, each run has half of them if both are
/// equally good.
/// </summary>
internal static class McNemar
{
    internal const string Rule = "exact McNemar";

    /// <summary>The two-sided p value; 1 where no row tells the runs apart.</summary>
    /// <param name="first">Rows that only the first run has right.</param>
    /// <param name="second">Rows that only the second run has right.</param>
    internal static double PValue(int first, int second)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(second);
        return first == second ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, first + second, Math.Min(first, second)));
    }
}
