using System.Runtime.InteropServices;

namespace ResidualPrompts.Native;

/// <summary>
/// The few functions of the C library that .NET does not offer. Linux only, except for the end of a process and the terminal, which every Unix has.
/// </summary>
internal static partial class LibC
{
    internal const int TrimThreshold = -1;  // M_TRIM_THRESHOLD
    internal const int MmapThreshold = -3;  // M_MMAP_THRESHOLD
    internal const int ArenaMaximum = -8;   // M_ARENA_MAX

    internal const uint CloseOnExec = 1;        // MFD_CLOEXEC
    internal const uint NotExecutableSeal = 8;  // MFD_NOEXEC_SEAL

    internal const int Readable = 1;    // PROT_READ
    internal const int Writable = 2;    // PROT_WRITE
    internal const int Executable = 4;  // PROT_EXEC

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetEnvironmentVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    internal static partial int SetAllocatorOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    internal static partial int Protect(nint address, nuint length, int protection);

    internal const int TerminalNow = 0; // TCSANOW

    /// <summary>Ends the process at once: no handler of <c>atexit</c> and no destructor runs, while other threads may be anywhere.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    internal static partial void Exit(int code);

    internal const int Terminate = 15; // SIGTERM

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Signal(int process, int signal);

    /// <summary>Reads the settings of a terminal (<c>struct termios</c>, at most 128 bytes).</summary>
    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    internal static partial int GetTerminal(int descriptor, Span<byte> settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    internal static partial int SetTerminal(int descriptor, int when, ReadOnlySpan<byte> settings);

    /// <summary>The process group in the foreground of a terminal; a negative number if it is not this session's.</summary>
    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    internal static partial int GetForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    internal static partial int GetGroup();

    [LibraryImport("libc", EntryPoint = "gnu_get_libc_version")]
    private static partial nint GetGnuVersion();

    /// <summary>The version of glibc, for example "2.36"; null with another C library (musl).</summary>
    internal static string? GlibcVersion()
    {
        try
        {
            return Marshal.PtrToStringUTF8(GetGnuVersion());
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }
}
