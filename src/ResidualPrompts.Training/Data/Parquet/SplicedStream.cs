namespace ResidualPrompts.Data.Parquet;

/// <summary>The beginning of a stream, followed by other bytes than it has there.</summary>
/// <param name="stream">A seekable stream; it stays open.</param>
/// <param name="length">How much of it is kept.</param>
/// <param name="tail">What follows.</param>
internal sealed class SplicedStream(Stream stream, long length, byte[] tail) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length + tail.Length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        if (Position >= length)
        {
            var rest = tail.AsSpan((int)Math.Min(tail.Length, Position - length));
            read = Math.Min(rest.Length, buffer.Length);
            rest[..read].CopyTo(buffer);
        }
        else
        {
            if (stream.Position != Position)
                stream.Position = Position;
            read = stream.Read(buffer[..(int)Math.Min(buffer.Length, length - Position)]);
        }

        Position += read;
        return read;
    }

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
