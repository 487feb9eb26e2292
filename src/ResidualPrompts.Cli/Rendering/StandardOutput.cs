using Microsoft.Win32.SafeHandles;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Standard output as bytes.</summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32; // EPIPE

    /// <summary>Whether it is no terminal.</summary>
    internal static bool IsRedirected => Console.IsOutputRedirected || GivenStreams.Current is not null;

    /// <summary>
    /// Opens it. .NET's own stream passes over a pipe whose reader is gone, and the program would compute on for nobody; a pipe is therefore
    /// opened as a file. A file that messages may go to as well keeps .NET's stream, which shares its place in the file with them.
    /// </summary>
    internal static Stream Open()
    {
        if (GivenStreams.Current is { } given)
            return given.Output;
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        try
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput(); // closed, or not for writing
        }
    }

    /// <summary>Whether a write failed because whoever reads has gone, as <c>head</c> does.</summary>
    internal static bool IsReaderGone(IOException e) => !OperatingSystem.IsWindows() && e.HResult == BrokenPipe;
}
