using System.Globalization;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Formats fractions in percent, and their mean with the sample standard deviation.</summary>
internal static class MetricText
{
    internal static string MeanAndDeviation(IReadOnlyList<double> fractions)
    {
        var mean = fractions.Average();
        return fractions.Count < 2 ? Percent(mean)
            : $"{Percent(mean)} ± {(100 * Deviation(fractions)).ToString("0.0", CultureInfo.InvariantCulture)}";
    }

    /// <summary>The sample standard deviation; 0 of a single value.</summary>
    internal static double Deviation(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    internal static string Percent(double? fraction) =>
        fraction is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "-";
}
