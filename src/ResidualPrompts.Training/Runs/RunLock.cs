using ResidualPrompts.Files;

namespace ResidualPrompts.Runs;

/// <summary>
/// Restricts a run directory to one process. The lock is the system's lock on an open file: it ends with its holder in any case, so a file left
/// behind by a killed process blocks nobody. The run's record names the holder.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    private RunLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Takes the lock.</summary>
    /// <exception cref="RunException">Another process holds it; the message names it.</exception>
    internal static RunLock Take(RunDirectory directory)
    {
        try
        {
            var file = Disk.Lock(directory.Lock);
            return new RunLock(directory.Lock, file);
        }
        catch (IOException) when (File.Exists(directory.Lock))
        {
            throw RunException.Locked(directory.Path, RunEnvironment.Holder(directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(directory.Path, e);
        }
    }

    /// <summary>Whether a process holds the lock.</summary>
    internal static bool IsHeld(RunDirectory directory)
    {
        try
        {
            using var file = PlainFile.Open(directory.Lock);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return File.Exists(directory.Lock);
        }
    }

    /// <summary>Releases the lock. A file that cannot be removed blocks nobody, so the failure is ignored and never hides an earlier one.</summary>
    public void Dispose()
    {
        using (_file)
            AtomicFile.DeleteQuietly(_path);
    }
}
