namespace ResidualPrompts.Cli;

/// <summary>
/// What a command reads and writes instead of the process's own streams when a caller in the same process runs it, as tests do. It belongs to the flow
/// of calls that set it, so that several commands can run at once.
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
