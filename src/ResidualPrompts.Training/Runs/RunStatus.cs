namespace ResidualPrompts.Runs;

/// <summary>How far a run is.</summary>
public enum RunStatus
{
    /// <summary>Under way, or killed.</summary>
    Running,

    /// <summary>Stopped on request with a checkpoint.</summary>
    Interrupted,

    /// <summary>Complete.</summary>
    Finished,

    /// <summary>Ended by an error.</summary>
    Failed,
}
