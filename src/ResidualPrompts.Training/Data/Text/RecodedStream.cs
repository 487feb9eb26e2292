using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>Text of another encoding as UTF-8.</summary>
internal sealed class RecodedStream : Stream
{
    private readonly Stream _recoding;
    private readonly string _encoding;
    private readonly string _source;
    private long _lineCount;

    public RecodedStream(Stream stream, Encoding encoding, string source)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        _recoding = Encoding.CreateTranscodingStream(stream, strict, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        (_encoding, _source) = (encoding.WebName, source);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            var read = _recoding.Read(buffer, offset, count);
            _lineCount += buffer.AsSpan(offset, read).Count((byte)'\n');
            return read;
        }
        catch (DecoderFallbackException)
        {
            throw DataException.Unreadable(_source, $"after line {_lineCount} it is not valid {_encoding}.", new Remedy.SetSetting("encoding", Hint: "the one that it has"));
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
            _recoding.Dispose();
        base.Dispose(disposing);
    }
}
