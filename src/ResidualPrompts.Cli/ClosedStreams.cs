namespace ResidualPrompts.Cli;

/// <summary>
/// Standard streams that were closed when the program started. The runtime then reuses their file descriptors for files of its own: reading one would
/// block forever, and writing would damage it. Such a file has the close-on-exec flag; an inherited one never does.
/// </summary>
internal static class ClosedStreams
{
    internal const int Input = 0;
    internal const int Output = 1;
    private const int Error = 2;
    private const string Flags = "flags:";
    private const long CloseOnExec = 0x80000; // O_CLOEXEC of Linux

    /// <summary>Nothing may be written to what now has the number of a closed stream.</summary>
    internal static void Silence()
    {
        if (IsClosed(Output))
            Console.SetOut(TextWriter.Null);
        if (IsClosed(Error))
            Console.SetError(TextWriter.Null);
    }

    /// <summary>Whether a stream is closed.</summary>
    internal static bool IsClosed(int descriptor)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            var lines = File.ReadLines($"/proc/self/fdinfo/{descriptor}");
            return lines.FirstOrDefault(line => line.StartsWith(Flags, StringComparison.Ordinal)) is { } line
                && (Convert.ToInt64(line[Flags.Length..].Trim(), 8) & CloseOnExec) != 0;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }
}
