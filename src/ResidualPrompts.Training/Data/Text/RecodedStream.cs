using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>Text of another encoding as UTF-8.</summary>
internal sealed class RecodedStream : ForwardStream
{
    private readonly Stream _recoding;
    private readonly string _encoding;
    private readonly string _source;
    private long _lineCount;

    public RecodedStream(Stream stream, Encoding encoding, string source)
        : this(Recoding(stream, encoding), encoding.WebName, source)
    {
    }

    private RecodedStream(Stream recoding, string encoding, string source)
        : base(recoding) => (_recoding, _encoding, _source) = (recoding, encoding, source);

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
            throw DataException.Unreadable(
                _source, $"after line {_lineCount} it is not valid {_encoding}.", new Remedy.SetSetting("encoding", Hint: "the one that it has"));
        }
    }

    private static Stream Recoding(Stream stream, Encoding encoding)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        return Encoding.CreateTranscodingStream(stream, strict, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
    }
}
