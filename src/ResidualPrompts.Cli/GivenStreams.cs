namespace ResidualPrompts.Cli;

/// <summary>
/// Streams that replace standard input and output when a caller in the same process runs a command, as tests do. The value is local to the
/// asynchronous flow that set it, so several commands can run at once.
/// </summary>
internal sealed record GivenStreams(Stream Input, Stream Output)
{
    private static readonly AsyncLocal<GivenStreams?> Flow = new();

    internal static GivenStreams? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }
}
