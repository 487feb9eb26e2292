namespace ResidualPrompts.Files;

/// <summary>
/// A file that is written through <see cref="Disk"/>. Closing it writes nothing: unflushed data is discarded, so that a failed writer does not touch
/// the disk.
/// </summary>
internal sealed class DiskStream : Stream
{
    private readonly FileStream _file;
    private readonly string _path;
    private readonly byte[] _buffer;
    private int _bufferedCount;

    /// <param name="file">The file, without a buffer of its own.</param>
    /// <param name="path">Its path.</param>
    /// <param name="bufferSize">Bytes that are written together; 0 = unbuffered.</param>
    internal DiskStream(FileStream file, string path, int bufferSize) => (_file, _path, _buffer) = (file, path, new byte[bufferSize]);

    public override bool CanRead => false;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => Math.Max(_file.Length, Position);

    public override long Position
    {
        get => _file.Position + _bufferedCount;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_bufferedCount + (long)buffer.Length > _buffer.Length)
            Flush();
        if (buffer.Length >= _buffer.Length)
        {
            WriteNow(buffer);
            return;
        }

        buffer.CopyTo(_buffer.AsSpan(_bufferedCount));
        _bufferedCount += buffer.Length;
    }

    public override void WriteByte(byte value) => Write([value]);

    /// <summary>Writes the buffer to the system.</summary>
    public override void Flush()
    {
        WriteNow(_buffer.AsSpan(0, _bufferedCount));
        _bufferedCount = 0;
    }

    /// <summary>Waits until the disk has everything.</summary>
    internal void FlushToDisk()
    {
        Flush();
        Disk.Before(DiskOperation.Flush, _path);
        _file.Flush(flushToDisk: true);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        Flush();
        return _file.Seek(offset, origin);
    }

    public override void SetLength(long value)
    {
        Flush();
        Disk.Before(DiskOperation.SetLength, _path);
        _file.SetLength(value);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }

    private void WriteNow(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = Disk.Before(DiskOperation.Write, _path, bytes.Length);
            _file.Write(bytes[..count]);
            bytes = bytes[count..];
        }
    }
}
