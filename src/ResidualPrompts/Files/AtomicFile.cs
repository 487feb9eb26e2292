namespace ResidualPrompts.Files;

/// <summary>
/// Writes a file so that a reader sees the old content or the new one and never a part: a temporary file in the same folder
/// (a rename across file systems is a copy), flushed to the disk, then renamed over the target. Whoever has the old file
/// open or mapped keeps it; on Windows the rename is refused as long as somebody does.
/// </summary>
internal static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>Writes <paramref name="path"/>; when anything throws, the old file is untouched and no temporary file is left.</summary>
    /// <param name="path">The file to make or replace; its folder must exist.</param>
    /// <param name="write">Writes the content into the stream, front to back. What it throws is passed on.</param>
    /// <exception cref="IOException">The file system refused, for example because the folder is missing or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write) => Replace(path, temporary =>
    {
        using var stream = Disk.Create(temporary, BufferSize);
        write(stream);
        stream.FlushToDisk();
    });

    /// <summary>Makes <paramref name="path"/> a symbolic link, at once or not at all.</summary>
    /// <param name="path">The link to make or replace; its folder must exist.</param>
    /// <param name="target">What it leads to, seen from its folder.</param>
    /// <exception cref="IOException">The file system refused, for example because it knows no links.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written, or links need a right that the user lacks.</exception>
    public static void Link(string path, string target) => Replace(path, temporary => Disk.Link(temporary, target));

    /// <summary>Temporary files of a target that a killed process left; nobody else may be writing the target.</summary>
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

        // The random part of the name keeps two writers of one target apart; the last rename wins.
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
            // The failure that brought us here is the one to report.
        }
    }
}
