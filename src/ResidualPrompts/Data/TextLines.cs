using System.Buffers;
using System.Text;

namespace ResidualPrompts.Data;

/// <summary>Reads lines of strict UTF-8. A line ends at a line feed, with or without a carriage return before it, and nowhere else.</summary>
public static class TextLines
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file lazily.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">It cannot be opened, or a line is not UTF-8.</exception>
    public static IEnumerable<TextLine> ReadFile(string path)
    {
        using var stream = Open(path);
        foreach (var line in Read(stream, path))
            yield return line;
    }

    /// <summary>Reads a stream lazily.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="source">What to call the stream in messages.</param>
    /// <exception cref="DataException">A line is not UTF-8.</exception>
    public static IEnumerable<TextLine> Read(Stream stream, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new byte[1 << 16];
        var line = new ArrayBufferWriter<byte>();
        long number = 0;
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            var rest = new ReadOnlyMemory<byte>(buffer, 0, count);
            int end;
            while ((end = rest.Span.IndexOf((byte)'\n')) >= 0)
            {
                line.Write(rest.Span[..end]);
                yield return Decode(line.WrittenSpan, ++number, source);
                line.ResetWrittenCount();
                rest = rest[(end + 1)..];
            }

            line.Write(rest.Span);
        }

        if (line.WrittenCount > 0)
            yield return Decode(line.WrittenSpan, ++number, source);
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw DataException.Unreadable(path, File.Exists(path) ? e.Message : Directory.Exists(path) ? "it is a folder, not a file" : "no such file");
        }
    }

    private static TextLine Decode(ReadOnlySpan<byte> bytes, long number, string source)
    {
        if (number == 1 && bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        try
        {
            return new TextLine(number, Strict.GetString(bytes));
        }
        catch (DecoderFallbackException e)
        {
            throw DataException.AtLine(source, number, $"not valid UTF-8 at byte {e.Index + 1} of the line; save the file as UTF-8");
        }
    }
}
