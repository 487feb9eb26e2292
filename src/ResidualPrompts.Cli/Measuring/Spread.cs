namespace ResidualPrompts.Cli.Measuring;

/// <summary>Median, minimum and maximum of a few measured values.</summary>
internal sealed record Spread(double Median, double Min, double Max)
{
    /// <summary>Summarizes at least one value.</summary>
    internal static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Length, nameof(values));
        return new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
