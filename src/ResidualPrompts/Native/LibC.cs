using System.Runtime.InteropServices;

namespace ResidualPrompts.Native;

/// <summary>The few functions of the C library that .NET does not offer. Linux only.</summary>
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
