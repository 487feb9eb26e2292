using System.Text;

namespace ResidualPrompts.Files;

/// <summary>A log that grows line by line. Each line is written to the system at once; a resumed run truncates the log to its checkpoint.</summary>
internal sealed class AppendOnlyFile : IDisposable
{
    private readonly string _path;
    private readonly DiskStream _file;
    private bool _hasNameOnDisk;

    /// <summary>Opens a log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Bytes to keep; the rest was written after the checkpoint and will be written again.</param>
    /// <param name="share">What other processes may do with the file meanwhile.</param>
    /// <param name="cuts">Whether to truncate the file at once; otherwise <see cref="CutTo"/> does.</param>
    /// <exception cref="FileException">The file is shorter than the bytes to keep.</exception>
    internal AppendOnlyFile(string path, long length, FileShare share = FileShare.ReadWrite | FileShare.Delete, bool cuts = true)
    {
        (_path, _file) = (path, Disk.Open(path, share));
        try
        {
            if (_file.Length < length)
                throw FileException.Shorter(path, _file.Length, length);
            if (cuts)
                CutTo(length);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    internal long Length => _file.Length;

    /// <summary>Truncates the log and continues at its new end.</summary>
    internal void CutTo(long length)
    {
        if (_file.Length > length)
            _file.SetLength(length);
        _file.Seek(length, SeekOrigin.Begin);
    }

    internal void Append(ReadOnlySpan<byte> bytes) => _file.Write(bytes);

    internal void AppendLine(string line) => _file.Write(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Waits until the disk has the whole log, so that a checkpoint never refers to more than the log holds.</summary>
    internal void Flush()
    {
        _file.FlushToDisk();
        if (!_hasNameOnDisk)
            Disk.SyncFolderOf(_path); // the file may be new
        _hasNameOnDisk = true;
    }

    public void Dispose() => _file.Dispose();
}
