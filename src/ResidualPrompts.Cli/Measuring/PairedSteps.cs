namespace ResidualPrompts.Cli.Measuring;

/// <summary>Alternates two kinds of steps, so that disturbances of the machine affect both equally.</summary>
internal static class PairedSteps
{
    private const int WarmUpSteps = 2;

    /// <summary>Total number of steps of each loop.</summary>
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
