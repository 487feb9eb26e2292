using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>A line that is not decoded yet.</summary>
/// <param name="number">From 1.</param>
/// <param name="start">Its position in the text, in bytes.</param>
/// <param name="bytes">The bytes up to the line feed.</param>
internal readonly struct RawLine(long number, long start, ReadOnlyMemory<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public long Number => number;

    /// <summary>Whether it contains only white space.</summary>
    public bool IsBlank => !Text.ContainsAnyExcept(" \t\r"u8);

    private bool HasMark => number == 1 && bytes.Span.StartsWith("\uFEFF"u8);

    /// <summary>The line without byte order mark and carriage return.</summary>
    private ReadOnlySpan<byte> Text
    {
        get
        {
            var text = HasMark ? bytes.Span[3..] : bytes.Span;
            return text.EndsWith("\r"u8) ? text[..^1] : text;
        }
    }

    /// <exception cref="DataException">It is not UTF-8.</exception>
    public ReadOnlySpan<byte> Utf8(string source)
    {
        if (!System.Text.Unicode.Utf8.IsValid(Text))
            Decode(source);
        return Text;
    }

    /// <summary>The line as text, with the problem if it is not UTF-8.</summary>
    public TextLine DecodeLeniently(string source)
    {
        try
        {
            return Decode(source);
        }
        catch (DataException e)
        {
            return new TextLine(number, Encoding.UTF8.GetString(Text)) { Problem = e };
        }
    }

    /// <exception cref="DataException">It is not UTF-8.</exception>
    public TextLine Decode(string source)
    {
        try
        {
            return new TextLine(number, Strict.GetString(Text));
        }
        catch (DecoderFallbackException e)
        {
            var place = start + (HasMark ? 3 : 0) + e.Index + 1;
            var isUtf16 = number == 1
                && (bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]));
            var guess = isUtf16 ? "; it begins like UTF-16" : "";
            throw DataException.AtLine(
                source,
                number,
                $"not valid UTF-8 at byte {e.Index + 1} of the line, byte {place} of the text (0x{Text[e.Index]:X2}){guess}",
                new Remedy.SetSetting("encoding", Hint: "the name of its encoding"), new Remedy.Act("save the file as UTF-8"));
        }
    }
}
