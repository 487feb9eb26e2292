namespace ResidualPrompts.Cli.Measuring;

/// <summary>Two kinds of steps by turns, so that whatever disturbs the machine disturbs both.</summary>
internal static class PairedSteps
{
    private const int WarmUpSteps = 2;

    /// <summary>Steps that both loops need in all.</summary>
    internal static int Needed(int steps) => WarmUpSteps + steps;

    /// <summary>Measures pairs after a warm-up.</summary>
    internal static (MeasuredStep First, MeasuredStep Second)[] Measure(StepLoop first, StepLoop second, int steps)
    {
        for (var i = 0; i < WarmUpSteps; i++)
        {
            _ = first.Next();
            _ = second.Next();
        }

        return [.. Enumerable.Range(0, steps).Select(_ => (first.Next(), second.Next()))];
    }
}
