using MathNet.Numerics.Distributions;

namespace ResidualPrompts.Statistics;

/// <summary>The score interval of a proportion (Wilson 1927): the proportions that a test with the normal approximation would not reject.</summary>
internal static class Wilson
{
    internal const string Rule = "Wilson";

    /// <summary>The interval of a proportion.</summary>
    /// <param name="successes">Number of successes, 0 to <paramref name="count"/>.</param>
    /// <param name="count">Number of trials, at least 1.</param>
    internal static Estimate Of(int successes, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, count);
        var (low, high) = Limits((double)successes / count, count);
        return new Estimate((double)successes / count, new Interval(low, high, Rule));
    }

    /// <summary>The ends of the interval.</summary>
    internal static (double Low, double High) Limits(double proportion, int count)
    {
        var z = Normal.InvCDF(0, 1, 1 - Interval.Tail);
        var square = z * z / count;
        var center = proportion + (square / 2);
        var half = z * Math.Sqrt(((proportion * (1 - proportion)) + (square / 4)) / count);
        // At 0 and 1 the end is exact; rounding would leave 1e-17.
        return (proportion == 0 ? 0 : (center - half) / (1 + square), proportion == 1 ? 1 : (center + half) / (1 + square));
    }
}
