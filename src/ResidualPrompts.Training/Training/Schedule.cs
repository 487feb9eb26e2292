namespace ResidualPrompts.Training;

/// <summary>How the learning rate changes over the steps of a run.</summary>
public enum ScheduleKind
{
    /// <summary>Constant.</summary>
    Constant,

    /// <summary>Linear decay to 0.</summary>
    Linear,

    /// <summary>Decay to 0 along half a cosine.</summary>
    Cosine,
}

/// <summary>The factor of every learning rate at each step: a linear warm-up, then the shape of the kind until the last step.</summary>
/// <param name="Kind">The shape after the warm-up.</param>
/// <param name="WarmupSteps">Steps of the linear warm-up; 0 = none.</param>
/// <param name="TotalSteps">Steps of the entire run.</param>
internal sealed record Schedule(ScheduleKind Kind = ScheduleKind.Constant, long WarmupSteps = 0, long TotalSteps = 0)
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
            _ => throw new InvalidOperationException($"Schedule {Kind} is not defined."),
        };
    }
}
