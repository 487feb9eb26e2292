namespace ResidualPrompts.Data.Parquet;

/// <summary>Passes bytes on to a stream; from <see cref="Hold"/> on it keeps them.</summary>
/// <param name="stream">The stream; it stays open.</param>
internal sealed class HeldStream(Stream stream) : Stream
{
    private MemoryStream? _held;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Keeps what is written from now on.</summary>
    public MemoryStream Hold() => _held = new MemoryStream();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => (_held ?? stream).Write(buffer);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
