namespace ResidualPrompts.Training;

/// <summary>How the learning rate goes over the steps of a run.</summary>
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls to 0 in a straight line.</summary>
    Linear,

    /// <summary>It falls to 0 along half a cosine.</summary>
    Cosine,
}

/// <summary>The factor of every learning rate at each step: a rise over the warm-up, then what the kind says until the last step.</summary>
/// <param name="Kind">What follows the warm-up.</param>
/// <param name="WarmupSteps">Steps over which the rate rises in a straight line; 0 = none.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
public sealed record Schedule(ScheduleKind Kind = ScheduleKind.Constant, long WarmupSteps = 0, long TotalSteps = 0)
{
    /// <summary>The factor at a step, from 0 to 1.</summary>
    /// <param name="step">From 1.</param>
    public double At(long step)
    {
        if (step <= WarmupSteps)
            return (double)step / WarmupSteps;
        var left = Math.Clamp((double)(TotalSteps - step + 1) / Math.Max(1, TotalSteps - WarmupSteps), 0, 1); // 1 at the first step after the warm-up
        return Kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Linear => left,
            ScheduleKind.Cosine => (1 - Math.Cos(Math.PI * left)) / 2,
            _ => throw new InvalidOperationException($"Schedule {Kind} is not one of those defined."),
        };
    }
}
