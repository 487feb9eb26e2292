using System.Globalization;
using System.Text;

namespace ResidualPrompts.Models.Weights;

/// <summary>How keys, shapes and lists stand in this area's messages: on one line, and short whatever the file holds.</summary>
internal static class ErrorText
{
    private const int LongestQuote = 120;
    private const int LongestList = 8;

    /// <summary>The text in quotes, invisible characters escaped, cut when long.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, LongestQuote)))
        {
            var isInvisible = char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            quoted = isInvisible
                ? quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")
                : quoted.Append(character);
        }

        return quoted.Append(text.Length > LongestQuote ? $"…' ({text.Length} characters)" : "'").ToString();
    }

    /// <summary>A shape as <c>[2, 3]</c>.</summary>
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The first few items, and how many more there are.</summary>
    public static string List(IReadOnlyCollection<string> items)
    {
        var shown = string.Join(", ", items.Take(LongestList));
        return items.Count > LongestList ? $"{shown} and {items.Count - LongestList} more" : shown;
    }
}
