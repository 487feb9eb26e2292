namespace ResidualPrompts.Runs;

/// <summary>What to do when the run directory, or the output of a job, exists.</summary>
public enum RunMode
{
    /// <summary>Refuse.</summary>
    New,

    /// <summary>Start over; the earlier run is lost.</summary>
    Overwrite,

    /// <summary>Continue where the earlier run stopped; do nothing when it is finished.</summary>
    Resume,
}
