using System.Buffers;
using System.Text;
using ResidualPrompts.Files;

namespace ResidualPrompts.Data.Text;

/// <summary>
/// Reads lines of text, strict UTF-8 unless another encoding is named. A line ends at a line feed, with or without a carriage return before
/// it, and nowhere else.
/// </summary>
internal static class TextLines
{
    /// <summary>The longest line, in UTF-8 bytes: a file without line breaks is of another kind and must not fill the memory.</summary>
    public const int LongestLine = 1 << 26;

    /// <summary>Reads a file lazily, a gzip file unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; default UTF-8.</param>
    /// <exception cref="DataException">The file cannot be opened or unpacked, or a line is too long or not in the encoding.</exception>
    public static IEnumerable<TextLine> ReadFile(string path, Encoding? encoding = null) => ReadFile(path, new ReadOptions { Encoding = encoding });

    /// <summary>Reads a file lazily; with a callback for bad rows, undecodable lines carry their problem.</summary>
    internal static IEnumerable<TextLine> ReadFile(string path, ReadOptions options)
    {
        foreach (var line in SplitFile(path, options))
            yield return Decode(line, path, options);
    }

    /// <summary>Reads a stream lazily.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="source">The stream's name in messages.</param>
    /// <param name="encoding">Its encoding; default UTF-8.</param>
    /// <exception cref="DataException">A line is too long or not in the encoding.</exception>
    public static IEnumerable<TextLine> Read(Stream stream, string source, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, source, new ReadOptions { Encoding = encoding });
    }

    /// <summary>Reads a stream lazily; with a callback for bad rows, undecodable lines carry their problem.</summary>
    internal static IEnumerable<TextLine> Read(Stream stream, string source, ReadOptions options) =>
        Split(stream, source, options.Encoding).Select(line => Decode(line, source, options));

    /// <summary>The lines of a file as bytes, each valid until the next is read.</summary>
    internal static IEnumerable<RawLine> SplitFile(string path, ReadOptions options)
    {
        using var stream = DataStream.Open(path, options.OnProgress);
        foreach (var line in Split(stream, path, options.Encoding))
            yield return line;
    }

    private static TextLine Decode(RawLine line, string source, ReadOptions options) =>
        options.OnBadRow is null ? line.Decode(source) : line.DecodeLeniently(source);

    private static IEnumerable<RawLine> Split(Stream stream, string source, Encoding? encoding)
    {
        var waits = stream is FileStream { CanSeek: false };
        if (encoding is not null && encoding is not UTF8Encoding)
            stream = new RecodedStream(stream, encoding, source);
        var buffer = new byte[1 << 16];
        var line = new ArrayBufferWriter<byte>();
        long number = 0, start = 0;
        int count;
        while ((count = waits ? PipeWait.Read(stream, buffer) : stream.Read(buffer)) > 0)
        {
            var rest = new ReadOnlyMemory<byte>(buffer, 0, count);
            int end;
            while ((end = rest.Span.IndexOf((byte)'\n')) >= 0)
            {
                line.Write(rest.Span[..end]);
                yield return new RawLine(++number, start, line.WrittenMemory);
                start += line.WrittenCount + 1;
                line.ResetWrittenCount();
                rest = rest[(end + 1)..];
            }

            if (line.WrittenCount + rest.Length > LongestLine)
            {
                throw DataException.AtLine(
                    source, number + 1, $"it is longer than {LongestLine} bytes; is this a file of rows that end in line breaks?");
            }

            line.Write(rest.Span);
        }

        if (line.WrittenCount > 0)
            yield return new RawLine(++number, start, line.WrittenMemory);
    }
}
