namespace ResidualPrompts.Statistics;

/// <summary>A 95 % confidence interval.</summary>
/// <param name="Low">Its lower end, in the unit of the estimate.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Rule">The name of the rule that made it, which is printed beside it.</param>
internal sealed record Interval(double Low, double High, string Rule)
{
    /// <summary>The level of every interval.</summary>
    internal const double Level = 0.95;

    /// <summary>The upper tail that an interval leaves out.</summary>
    internal const double Tail = (1 - Level) / 2;

    /// <summary>Whether a value lies inside or on an end.</summary>
    internal bool Holds(double value) => Low <= value && value <= High;
}

/// <summary>An estimate with its interval, or the reason why there is none.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Interval">Its interval; null where there is none.</param>
/// <param name="NoInterval">Why there is no interval; null where there is one.</param>
internal sealed record Estimate(double Value, Interval? Interval, string? NoInterval = null)
{
    internal static Estimate Without(double value, string reason) => new(value, null, reason);
}
