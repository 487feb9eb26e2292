namespace ResidualPrompts.Runs;

/// <summary>The status of a run.</summary>
internal enum RunStatus
{
    /// <summary>In progress, or killed.</summary>
    Running,

    /// <summary>Stopped on request with a checkpoint.</summary>
    Interrupted,

    /// <summary>Complete.</summary>
    Finished,

    /// <summary>Ended by an error.</summary>
    Failed,
}
