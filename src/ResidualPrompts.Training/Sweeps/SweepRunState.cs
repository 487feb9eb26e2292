namespace ResidualPrompts.Sweeps;

/// <summary>The states of a sweep's runs, a closed set.</summary>
internal enum SweepRunState
{
    /// <summary>Not begun.</summary>
    Planned,

    /// <summary>A process is training it.</summary>
    Running,

    /// <summary>Begun, not as long as the file asks, and in nobody's hands: it continues where it stopped.</summary>
    Interrupted,

    /// <summary>Stopped at a rung by halving; it can be promoted.</summary>
    Paused,

    /// <summary>As long as the file asks.</summary>
    Finished,

    /// <summary>Finished and longer than the file asks, so that its result is not that of the shorter run.</summary>
    Longer,

    /// <summary>Ended by an error.</summary>
    Failed,

    /// <summary>Its folder holds a run of other settings, data or model, which is never overwritten.</summary>
    Changed,

    /// <summary>A run in the sweep's folder that the file does not name; it is never deleted unasked.</summary>
    NotInFile,
}

/// <summary>What a run of a sweep still needs.</summary>
internal enum SweepWork
{
    /// <summary>Nothing, or nothing that helps.</summary>
    None,

    /// <summary>To be trained from its first step.</summary>
    Train,

    /// <summary>To be trained from its last checkpoint to the length that the file asks.</summary>
    Continue,

    /// <summary>Its test split is to be scored, from its last checkpoint.</summary>
    Score,
}
