using ICSharpCode.SharpZipLib;

namespace ResidualPrompts.Data.Text;

/// <summary>A stream that is watched while it is read; what is wrong with packed data is an error of its file.</summary>
/// <param name="unpacking">The bytes, unpacked.</param>
/// <param name="path">The file.</param>
/// <param name="check">Looks at the count of bytes so far and may throw.</param>
internal sealed class CheckedStream(Stream unpacking, string path, Action<long> check) : Stream
{
    private long _count;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            var read = unpacking.Read(buffer, offset, count);
            _count += read;
            check(_count);
            return read;
        }
        catch (Exception e) when (e is SharpZipBaseException or EndOfStreamException or InvalidDataException or IndexOutOfRangeException or ArgumentException)
        {
            throw DataException.Unreadable(path, $"its gzip data is damaged or cut short after {_count} unpacked bytes ({e.Message})");
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacking.Dispose();
        base.Dispose(disposing);
    }
}
