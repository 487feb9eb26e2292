namespace ResidualPrompts.Runs;

/// <summary>What to do when the run directory, or the output of a job, exists.</summary>
public enum RunMode
{
    /// <summary>Refuse.</summary>
    New,

    /// <summary>Start over; the earlier run is lost.</summary>
    Overwrite,

    /// <summary>
    /// Continue where the earlier run stopped; do nothing when it is finished. With a constant schedule the settings may ask for another length, and
    /// the result is that of a run of this length from the start.
    /// </summary>
    Resume,
}
