using System.Text.RegularExpressions;

namespace ResidualPrompts.Files;

/// <summary>What came of an exclusive creation.</summary>
/// <param name="Succeeded">Whether the file was created.</param>
/// <param name="Now">The time, by the clock of the file system that holds the file.</param>
/// <param name="Excludes">Whether a second creation was refused, as it must be.</param>
internal readonly record struct ExclusiveCreation(bool Succeeded, DateTime Now, bool Excludes);

/// <summary>
/// Creates a file that must not exist yet, with its content: of several processes, also on several hosts, one succeeds, and nobody sees a part. The
/// content goes to a temporary file, which then gets the wanted name as a second one. This needs no lock of the system. On a file system
/// without such names the file itself is created first and written then, so that a process that is killed in between leaves it empty.
/// </summary>
internal static partial class ExclusiveFile
{
    /// <summary>Creates the file unless it exists.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="IOException">The file system refused, for example because the folder is missing or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    internal static ExclusiveCreation TryCreate(string path, byte[] content)
    {
        // Not a name of AtomicFile's: that the file is closed does not mean that its writer was killed.
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
        try
        {
            Write(temporary, content);
            var succeeded = Disk.TryAddName(temporary, path);
            var now = File.GetLastWriteTimeUtc(temporary);
            if (succeeded is not null)
                return new ExclusiveCreation(succeeded.Value, now, Excludes: !succeeded.Value || Disk.TryAddName(temporary, path) != true);
            return TryWrite(path, content)
                ? new ExclusiveCreation(true, now, Excludes: !TryWrite(path, content))
                : new ExclusiveCreation(false, now, Excludes: true);
        }
        finally
        {
            AtomicFile.DeleteQuietly(temporary);
        }
    }

    /// <summary>Removes the temporary files of a file. A process that was about to use one tries again.</summary>
    internal static void RemoveLeftovers(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        foreach (var file in Directory.EnumerateFiles(folder, $".{name}.*").Where(file => TemporaryEnd().IsMatch(file)).ToList())
            AtomicFile.DeleteQuietly(file);
    }

    private static bool TryWrite(string path, byte[] content)
    {
        DiskStream stream;
        try
        {
            stream = Create(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }

        using (stream)
        {
            try
            {
                stream.Write(content);
                return true;
            }
            catch
            {
                AtomicFile.DeleteQuietly(path);
                throw;
            }
        }
    }

    private static void Write(string path, byte[] content)
    {
        using var stream = Create(path);
        stream.Write(content);
    }

    /// <summary>Others may read the file meanwhile, so that none of them is in the way of its creation.</summary>
    private static DiskStream Create(string path) => Disk.Create(path, bufferSize: 0, FileShare.ReadWrite | FileShare.Delete);

    [GeneratedRegex(@"\.[a-z0-9]{8}\.[a-z0-9]{3}$")]
    private static partial Regex TemporaryEnd();
}
