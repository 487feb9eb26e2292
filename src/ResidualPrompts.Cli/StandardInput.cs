namespace ResidualPrompts.Cli;

/// <summary>Standard input as bytes.</summary>
internal static class StandardInput
{
    internal const string Name = "standard input";
    private const string Flags = "flags:";
    private const long CloseOnExec = 0x80000; // O_CLOEXEC of Linux

    /// <exception cref="UsageException">Standard input is closed.</exception>
    internal static Stream Open() =>
        GivenStreams.Current is { } given ? given.Input
        : IsClosed() ? throw new UsageException("Standard input is closed: give --input FILE, or pipe the rows into the command.")
        : Console.OpenStandardInput();

    /// <summary>
    /// Whether the program was started with standard input closed. The runtime then reuses file descriptor 0 for a file of its own, and reading
    /// it would block forever. Such a file has the close-on-exec flag; an inherited one never does.
    /// </summary>
    private static bool IsClosed()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            return File.ReadLines("/proc/self/fdinfo/0").FirstOrDefault(line => line.StartsWith(Flags, StringComparison.Ordinal)) is { } line
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
