using System.Diagnostics;

namespace ResidualPrompts.Native;

/// <summary>Memory of this process.</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// The most memory that was resident at any time since the process began, in bytes: VmHWM on Linux, with the pages of mapped files that were
    /// touched. Null where the system does not count it.
    /// </summary>
    internal static long? PeakBytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 is > 0 and var bytes ? bytes : null;
        }
    }
}
