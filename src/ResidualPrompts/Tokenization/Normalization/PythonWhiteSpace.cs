namespace ResidualPrompts.Tokenization.Normalization;

/// <summary>White space as in Python's <c>str.strip</c>, which the original uses: .NET's set and U+001C..U+001F.</summary>
internal static class PythonWhiteSpace
{
    public static bool Contains(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';

    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && Contains(text[start]))
            start++;
        return text[start..];
    }

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        var end = text.Length;
        while (end > 0 && Contains(text[end - 1]))
            end--;
        return text[..end];
    }
}
