using ResidualPrompts.Files;

namespace ResidualPrompts.Hub.Download;

/// <summary>
/// Keeps two processes from downloading one blob at once. On Unix, .NET locks a file with flock, like the Python tools, so they wait for each
/// other; the system releases the lock when its holder dies. The lock file stays, as theirs does.
/// </summary>
internal static class HubLock
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>EAGAIN on Linux and macOS, and Windows' sharing and lock violations.</summary>
    private static readonly int[] HeldCodes = [11, 35, 32, 33];

    /// <summary>Waits for the lock and holds it until disposed.</summary>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static async Task<IDisposable> TakeAsync(string path, Action? waits, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return Disk.Lock(path);
            }
            catch (IOException e) when (HeldCodes.Contains(e.HResult & 0xffff) && File.Exists(path))
            {
                waits?.Invoke();
                waits = null;
                await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
