using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

#pragma warning disable RS0030 // The kernel's files; Native uses no other folder.

namespace ResidualPrompts.Native;

/// <summary>A process, so that another one can tell whether it still runs: ids are given again, and hosts share names.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Id">The process id on that host.</param>
/// <param name="Start">When it started, in the system's own count; null where the system does not tell.</param>
/// <param name="Boot">The id of the host's boot; null where the system has none.</param>
/// <param name="IdSpace">The space of process ids, one for each container; null where the system has none.</param>
internal sealed record ProcessIdentity(string Host, int Id, string? Start, string? Boot, string? IdSpace)
{
    private const string Gone = "";
    private const int StartField = 19; // of /proc/ID/stat, counted from the state

    private static readonly Lazy<ProcessIdentity> Own = new(() => new ProcessIdentity(
        Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId), TextOf("/proc/sys/kernel/random/boot_id")?.Trim(),
        OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null));

    /// <summary>This process.</summary>
    internal static ProcessIdentity Current => Own.Value;

    /// <summary>Whether this host knows the process by its id.</summary>
    internal bool IsHere => Host == Current.Host && Boot == Current.Boot && IdSpace == Current.IdSpace;

    /// <summary>Whether a process of this host still runs. A process that has ended and was not yet collected by its parent does not.</summary>
    internal bool Runs => StartOf(Id) is var start && start != Gone && (start is null || Start is null || start == Start);

    /// <summary>When a process of this host started; null where the system does not tell; empty where there is no such process.</summary>
    private static string? StartOf(int id)
    {
        if (TextOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")) is { } status)
        {
            var fields = status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields is ["Z" or "X" or "x", ..] ? Gone : fields.ElementAtOrDefault(StartField);
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return OperatingSystem.IsLinux() ? null // another user's, which the kernel hides
                : process.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        }
        catch (ArgumentException)
        {
            return Gone;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return null;
        }
    }

    private static string? TextOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
