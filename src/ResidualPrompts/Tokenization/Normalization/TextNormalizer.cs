using System.Runtime.CompilerServices;
using System.Text;

namespace ResidualPrompts.Tokenization.Normalization;

/// <summary>What the pieces of a sentence start with.</summary>
internal enum SentenceStart
{
    /// <summary>A space, whatever the sentence starts with.</summary>
    Space,

    /// <summary>No space, whatever the sentence starts with.</summary>
    NoSpace,

    /// <summary>A space if the sentence starts with one.</summary>
    AsWritten,
}

/// <summary>
/// Normalizes a sentence to the form of the pieces, as SentencePiece does: every key of the normalization map is replaced (the longest first),
/// runs of spaces become one, both ends are trimmed, and U+2581 replaces every space and, usually, precedes the sentence.
/// </summary>
/// <param name="charsMap">The map.</param>
/// <param name="verbatim">Pieces that stay as they are, the user-defined ones; null for none.</param>
internal sealed class TextNormalizer(CharsMap charsMap, PieceTrie? verbatim = null)
{
    /// <summary>U+2581, the space in pieces, as UTF-8.</summary>
    private static ReadOnlySpan<byte> Space => "\u2581"u8;

    /// <summary>Normalizes a sentence.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    /// <param name="start">What stands before the text.</param>
    /// <param name="utf8">A buffer for the text as UTF-8.</param>
    /// <param name="normalized">Receives the normalized bytes in place of its old content. Empty when only spaces are left.</param>
    public void Normalize(ReadOnlySpan<char> text, SentenceStart start, ref PooledList<byte> utf8, ref PooledList<byte> normalized)
    {
        utf8.Truncate(0);
        utf8.Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        var bytes = utf8.Storage[..Encoding.UTF8.GetBytes(text, utf8.Storage)];

        normalized.Truncate(0);
        if (start == SentenceStart.Space)
            normalized.Add(Space);
        var afterSpace = start != SentenceStart.AsWritten;
        for (var i = 0; i < bytes.Length;)
        {
            var b = bytes[i];
            if (verbatim?.Longest(bytes[i..]) is { } kept and > 0)
            {
                foreach (var v in bytes.Slice(i, kept))
                    Append(v, ref normalized, ref afterSpace);
                i += kept;
                continue;
            }

            if (charsMap.IsCopiedBeforeAscii(b) && (i + 1 == bytes.Length || bytes[i + 1] < 0x80))
            {
                Append(b, ref normalized, ref afterSpace);
                i++;
                continue;
            }

            var length = charsMap.LongestKey(bytes[i..], out var replacement);
            if (length == 0)
            {
                length = Math.Min(Utf8Character.Length(b), bytes.Length - i);
                replacement = bytes.Slice(i, length);
            }

            foreach (var r in replacement)
                Append(r, ref normalized, ref afterSpace);
            i += length;
        }

        while (normalized.Written.EndsWith(Space))
            normalized.Truncate(normalized.Count - Space.Length);
    }

    /// <summary>Whether a text without surrounding spaces stays as it is.</summary>
    public bool Keeps(string text)
    {
        var utf8 = new PooledList<byte>(0);
        var normalized = new PooledList<byte>(0);
        try
        {
            Normalize(text, SentenceStart.AsWritten, ref utf8, ref normalized);
            return Encoding.UTF8.GetString(normalized.Written) == text.Replace(' ', '\u2581');
        }
        finally
        {
            utf8.Dispose();
            normalized.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(byte b, ref PooledList<byte> normalized, ref bool afterSpace)
    {
        if (b != (byte)' ')
            normalized.Add(b);
        else if (!afterSpace)
            normalized.Add(Space);
        afterSpace = b == (byte)' ';
    }
}
