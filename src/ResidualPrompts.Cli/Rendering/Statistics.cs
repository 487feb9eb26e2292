using System.Globalization;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Formats fractions in percent, and their mean with the sample standard deviation.</summary>
internal static class Statistics
{
    internal static string MeanAndDeviation(IReadOnlyList<double> fractions)
    {
        var mean = fractions.Average();
        if (fractions.Count < 2)
            return Percent(mean);
        var deviation = Math.Sqrt(fractions.Sum(value => (value - mean) * (value - mean)) / (fractions.Count - 1));
        return $"{Percent(mean)} ± {(100 * deviation).ToString("0.0", CultureInfo.InvariantCulture)}";
    }

    internal static string Percent(double? fraction) =>
        fraction is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "-";
}
