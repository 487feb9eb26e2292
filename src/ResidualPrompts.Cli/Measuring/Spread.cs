namespace ResidualPrompts.Cli.Measuring;

/// <summary>Median, quartiles, minimum and maximum of a few measured values.</summary>
internal sealed record Spread(double Median, double Min, double Max, double LowerQuartile, double UpperQuartile)
{
    /// <summary>Summarizes at least one value. Between two values, a median or quartile is interpolated.</summary>
    internal static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Length, nameof(values));
        double At(double share)
        {
            var (index, part) = ((int)(share * (sorted.Length - 1)), share * (sorted.Length - 1) % 1);
            return part == 0 ? sorted[index] : ((1 - part) * sorted[index]) + (part * sorted[index + 1]);
        }

        return new Spread(At(0.5), sorted[0], sorted[^1], At(0.25), At(0.75));
    }
}
