namespace ResidualPrompts.Files;

/// <summary>
/// Whether a thread waits for a pipe: for its writer, or for the next bytes. Nothing that a program asks of such a thread reaches it, so a program
/// that is to stop ends without it.
/// </summary>
internal static class PipeWait
{
    private static int _count;

    /// <summary>Whether any thread waits now.</summary>
    internal static bool IsWaiting => Volatile.Read(ref _count) > 0;

    /// <summary>Opens what may be a pipe without a writer.</summary>
    internal static FileStream Open(Func<FileStream> open)
    {
        Interlocked.Increment(ref _count);
        try
        {
            return open();
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Reads from what may be a pipe whose writer is silent.</summary>
    internal static int Read(Stream stream, Span<byte> buffer)
    {
        Interlocked.Increment(ref _count);
        try
        {
            return stream.Read(buffer);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
