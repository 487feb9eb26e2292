using System.Text.RegularExpressions;

namespace ResidualPrompts.Tasks;

/// <summary>
/// How the original normalizes a text for comparison: lower case, without <c>&lt;pad&gt;</c>, <c>&lt;/s&gt;</c> and ASCII punctuation. Articles
/// become spaces, and so, by an accident that its scores depend on, does every word boundary.
/// </summary>
internal static partial class OriginalText
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The normalized text.</summary>
    /// <param name="text">A decoded text, including special tokens.</param>
    /// <param name="kept">A punctuation mark to keep, or null.</param>
    internal static string Normalize(string text, char? kept = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = text.ToLowerInvariant().Replace("<pad>", "", StringComparison.Ordinal).Replace("</s>", "", StringComparison.Ordinal);
        var bare = string.Concat(plain.Where(c => c == kept || !Punctuation.Contains(c)));
        return string.Join(' ', Articles().Replace(bare, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex(@"\b(?:a|an|the|)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
