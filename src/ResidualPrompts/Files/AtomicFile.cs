namespace ResidualPrompts.Files;

/// <summary>
/// Writes a file atomically: a reader sees the old content or the new, never a part. The content goes to a temporary file in the same folder (a
/// rename across file systems would copy), is flushed to the disk, and is renamed over the target. Readers that have the old file open or mapped
/// keep it; on Windows the rename fails as long as there are any.
/// </summary>
internal static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>Writes <paramref name="path"/>. If anything throws, the old file is untouched and no temporary file is left.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content to the stream, front to back. Its exceptions are passed on.</param>
    /// <exception cref="IOException">The file system refused, for example because the folder is missing or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write) => Replace(path, temporary =>
    {
        using var stream = Disk.Create(temporary, BufferSize);
        write(stream);
        stream.FlushToDisk();
    });

    /// <summary>Makes <paramref name="path"/> a symbolic link, atomically.</summary>
    /// <param name="path">The link to create or replace; its folder must exist.</param>
    /// <param name="target">The link's target, relative to its folder.</param>
    /// <exception cref="IOException">The file system refused, for example because it does not support links.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written, or the user lacks the right to create links.</exception>
    public static void Link(string path, string target) => Replace(path, temporary => Disk.Link(temporary, target));

    /// <summary>Temporary files of a target that a killed process left. No other process may be writing the target.</summary>
    public static IEnumerable<string> Leftovers(string path) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.*.tmp");

    private static void Replace(string path, Action<string> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Path.GetFullPath(path);
        if (Directory.Exists(target))
        {
            throw new IOException("it is a folder");
        }

        // The random part of the name separates two writers of one target; the last rename wins.
        var temporary = Path.Combine(Path.GetDirectoryName(target) ?? target, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            make(temporary);
            Disk.Rename(temporary, target);
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    private static void DeleteQuietly(string temporary)
    {
        try
        {
            Disk.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Report the first failure, not this one.
        }
    }
}
