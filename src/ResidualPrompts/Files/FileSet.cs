namespace ResidualPrompts.Files;

/// <summary>
/// Replaces files of one folder that belong together. All are written and flushed under temporary names first, so that a full disk changes nothing.
/// Then the key file, without which readers refuse the folder, is deleted with whatever must not stay; the others are renamed in their order, and the
/// key file last. A process killed at any moment leaves the old files, the new ones, or a folder without a key.
/// </summary>
/// <param name="key">The file without which the folder is refused.</param>
internal sealed class FileSet(string key) : IDisposable
{
    private readonly List<(DiskStream Stream, string Temporary, string Target)> _written = [];

    /// <summary>Writes a file under a temporary name, which other processes see as in use.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content, front to back.</param>
    /// <exception cref="IOException">The file system refused, for example because the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    internal void Add(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var temporary = AtomicFile.TemporaryOf(target);
        var stream = Disk.Create(temporary, AtomicFile.BufferSize);
        _written.Add((stream, temporary, target));
        write(stream);
        stream.FlushToDisk();
    }

    /// <summary>Puts the files in place.</summary>
    /// <param name="obsolete">Files that must not stay beside the new ones.</param>
    internal void Replace(params IEnumerable<string> obsolete)
    {
        var keyFile = Path.GetFullPath(key);
        string[] obsoleteFiles = [.. obsolete.Select(Path.GetFullPath)];
        string[] old = [.. obsoleteFiles.Prepend(keyFile).Distinct().Where(File.Exists)];
        foreach (var file in old)
            Disk.Delete(file);
        var notWritten = obsoleteFiles.Except(_written.Select(file => file.Target));
        foreach (var leftover in notWritten.SelectMany(AtomicFile.Leftovers).ToList())
            AtomicFile.DeleteQuietly(leftover);
        if (old.Length > 0)
            Disk.SyncFolderOf(keyFile);
        foreach (var file in _written.OrderBy(file => file.Target == keyFile).ToList())
        {
            file.Stream.Dispose();
            Disk.Rename(file.Temporary, file.Target);
            _written.Remove(file);
        }
    }

    /// <summary>Removes what was not put in place.</summary>
    public void Dispose()
    {
        _written.ForEach(file => file.Stream.Dispose());
        _written.ForEach(file => AtomicFile.DeleteQuietly(file.Temporary));
    }
}
