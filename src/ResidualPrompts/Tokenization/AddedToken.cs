using System.Globalization;

namespace ResidualPrompts.Tokenization;

/// <summary>A token that a file declares beside the pieces. It is cut out of the raw text before anything else.</summary>
/// <param name="Content">The token as texts write it.</param>
/// <param name="Id">Its id, or null when the file leaves it to be numbered after the others.</param>
/// <param name="StripsLeft">Whether the white space before it vanishes (<c>lstrip</c>).</param>
/// <param name="StripsRight">Whether the white space after it vanishes (<c>rstrip</c>).</param>
/// <param name="IsSpecial">Whether decoding can omit it.</param>
/// <param name="IsNormalized">Whether a fast tokenizer looks for it in the normalized text (<c>normalized</c>); T5Tokenizer does so for none.</param>
/// <param name="File">The file that declares it, for messages.</param>
internal sealed record AddedToken(
    string Content, int? Id, bool StripsLeft, bool StripsRight, bool IsSpecial, bool IsNormalized, string File)
{
    private const int LongestShown = 80;

    /// <summary>A text as messages show it: shortened, without control characters.</summary>
    public static string Shown(string text)
    {
        var shown = text.Length <= LongestShown ? text : text[..LongestShown] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c)
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));
    }
}
