using System.Buffers;
using System.Text;

namespace ResidualPrompts.Data;

/// <summary>
/// Reads lines of text, strict UTF-8 unless another encoding is named. A line ends at a line feed, with or without a carriage return before
/// it, and nowhere else.
/// </summary>
public static class TextLines
{
    /// <summary>The longest line, in bytes of UTF-8: what has no line break is a file of another kind, and must not fill the memory.</summary>
    public const int LongestLine = 1 << 26;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file lazily, a gzip file unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; default UTF-8.</param>
    /// <exception cref="DataException">It cannot be opened or unpacked, a line is too long or not in the encoding.</exception>
    public static IEnumerable<TextLine> ReadFile(string path, Encoding? encoding = null)
    {
        using var stream = DataStream.Open(path);
        foreach (var line in Read(stream, path, encoding))
            yield return line;
    }

    /// <summary>Reads a stream lazily.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="source">What to call the stream in messages.</param>
    /// <param name="encoding">Its encoding; default UTF-8.</param>
    /// <exception cref="DataException">A line is too long or not in the encoding.</exception>
    public static IEnumerable<TextLine> Read(Stream stream, string source, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (encoding is not null && encoding is not UTF8Encoding)
            stream = new RecodedStream(stream, encoding, source);
        var buffer = new byte[1 << 16];
        var line = new ArrayBufferWriter<byte>();
        long number = 0, start = 0;
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            var rest = new ReadOnlyMemory<byte>(buffer, 0, count);
            int end;
            while ((end = rest.Span.IndexOf((byte)'\n')) >= 0)
            {
                line.Write(rest.Span[..end]);
                yield return Decode(line.WrittenSpan, ++number, start, source);
                start += line.WrittenCount + 1;
                line.ResetWrittenCount();
                rest = rest[(end + 1)..];
            }

            if (line.WrittenCount + rest.Length > LongestLine)
                throw DataException.AtLine(source, number + 1, $"it is longer than {LongestLine} bytes; is this a file of rows that end in line breaks?");
            line.Write(rest.Span);
        }

        if (line.WrittenCount > 0)
            yield return Decode(line.WrittenSpan, ++number, start, source);
    }

    private static TextLine Decode(ReadOnlySpan<byte> bytes, long number, long start, string source)
    {
        if (number == 1 && bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
            start += 3;
        }

        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        try
        {
            return new TextLine(number, Strict.GetString(bytes));
        }
        catch (DecoderFallbackException e)
        {
            var guess = number == 1 && (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) ? "it begins as UTF-16 does; " : "";
            throw DataException.AtLine(
                source, number, $"not valid UTF-8 at byte {e.Index + 1} of the line, byte {start + e.Index + 1} of the text (0x{bytes[e.Index]:X2}); {guess}save the file as UTF-8 or name its encoding (--encoding)");
        }
    }
}
