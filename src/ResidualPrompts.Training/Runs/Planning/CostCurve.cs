namespace ResidualPrompts.Runs.Planning;

/// <summary>
/// Measured units of work, each with its tokens, in the order in which they were done. The first units of a process are slower (code is compiled,
/// memory is taken for the first time), so that work is predicted as these units and, after them, units at the rate of the later half.
/// </summary>
internal sealed class CostCurve
{
    private readonly List<(double Tokens, double Seconds)> _units = [];

    /// <summary>Measured units.</summary>
    internal int Count => _units.Count;

    /// <summary>The time of all of them.</summary>
    internal double MeasuredSeconds => _units.Sum(unit => unit.Seconds);

    internal void Add(long tokens, double seconds) => _units.Add((Math.Max(1, tokens), seconds));

    /// <summary>Seconds of a token after the first units.</summary>
    internal double SecondsPerToken
    {
        get
        {
            var later = _units.Skip(_units.Count / 2).ToArray();
            return later.Length == 0 ? 0 : later.Sum(unit => unit.Seconds) / later.Sum(unit => unit.Tokens);
        }
    }

    /// <summary>Seconds of many units in a new process.</summary>
    /// <param name="count">Units.</param>
    /// <param name="meanTokens">Tokens of one of them.</param>
    internal double Seconds(double count, double meanTokens)
    {
        var rate = SecondsPerToken;
        var seconds = 0.0;
        var left = count;
        foreach (var (tokens, measured) in _units.Take(_units.Count / 2))
        {
            if (left <= 0)
                return seconds;
            // What a first unit takes more than a later one does not grow with its tokens.
            seconds += Math.Min(1, left) * Math.Max(rate * meanTokens, measured - (rate * (tokens - meanTokens)));
            left--;
        }

        return seconds + (Math.Max(0, left) * rate * meanTokens);
    }
}
