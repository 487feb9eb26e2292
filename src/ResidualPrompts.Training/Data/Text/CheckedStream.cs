using ICSharpCode.SharpZipLib;

namespace ResidualPrompts.Data.Text;

/// <summary>A stream that is checked while it is read; damaged compressed data becomes an error of its file.</summary>
/// <param name="unpacking">The unpacked bytes.</param>
/// <param name="path">The file.</param>
/// <param name="check">Receives the number of bytes so far and may throw.</param>
internal sealed class CheckedStream(Stream unpacking, string path, Action<long> check) : ForwardStream(unpacking)
{
    private readonly Stream _unpacking = unpacking;
    private long _count;

    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            var read = _unpacking.Read(buffer, offset, count);
            _count += read;
            check(_count);
            return read;
        }
        catch (Exception e)
            when (e is SharpZipBaseException or EndOfStreamException or InvalidDataException or IndexOutOfRangeException or ArgumentException)
        {
            throw DataException.Unreadable(path, $"its gzip data is damaged or cut short after {_count} unpacked bytes ({e.Message})");
        }
    }
}
