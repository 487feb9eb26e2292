namespace ResidualPrompts.Runs;

/// <summary>
/// A run was asked to stop before its end. Its progress is in its checkpoint: <see cref="RunMode.Resume"/> continues it. A run in memory has no
/// checkpoint.
/// </summary>
public sealed class RunInterruptedException : OperationCanceledException
{
    internal RunInterruptedException(RunDirectory? directory, IReadOnlyList<string> notes, CancellationToken cancellationToken)
        : base(
            directory is null ? "The run was interrupted." : $"The run '{directory.Path}' was interrupted; its checkpoint is written.",
            cancellationToken) =>
            (Directory, Notes) = (directory, notes);

    /// <summary>The run directory; null for a run in memory.</summary>
    public RunDirectory? Directory { get; }

    /// <summary>Notes for the user, as in a completed run.</summary>
    public IReadOnlyList<string> Notes { get; }
}
