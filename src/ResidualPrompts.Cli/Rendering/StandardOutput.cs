using Microsoft.Win32.SafeHandles;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Standard output as bytes.</summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32; // EPIPE

    /// <summary>Whether standard output is something other than a terminal.</summary>
    internal static bool IsRedirected => Console.IsOutputRedirected || GivenStreams.Current is not null;

    /// <summary>
    /// Opens standard output. .NET's own stream ignores a closed pipe, so the program would keep computing without a reader; a pipe is therefore
    /// opened as a file. A regular file keeps .NET's stream, which shares its file position with standard error.
    /// </summary>
    /// <exception cref="UsageException">Standard output is closed.</exception>
    internal static Stream Open()
    {
        if (GivenStreams.Current is { } given)
            return given.Output;
        Require();
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        try
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput(); // closed or not writable
        }
    }

    /// <summary>For a command whose only result goes there: without it, nothing is worth doing.</summary>
    /// <exception cref="UsageException">Standard output is closed.</exception>
    internal static void Require()
    {
        if (GivenStreams.Current is null && ClosedStreams.IsClosed(ClosedStreams.Output))
            throw new UsageException($"Standard output is closed, so the results have nowhere to go: redirect it to a file or to another program.");
    }

    /// <summary>Whether a write failed because the reader has closed the pipe, as <c>head</c> does.</summary>
    internal static bool IsReaderGone(IOException e) => !OperatingSystem.IsWindows() && e.HResult == BrokenPipe;
}
