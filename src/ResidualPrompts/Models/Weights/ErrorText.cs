using System.Globalization;

namespace ResidualPrompts.Models.Weights;

/// <summary>Formats keys, shapes and lists for this area's messages: on one line, and short for any file.</summary>
internal static class ErrorText
{
    private const int LongestQuote = 120;
    private const int LongestList = 8;

    /// <summary>Quotes a text; invisible characters are escaped, long texts truncated.</summary>
    public static string Quote(string text)
    {
        var length = text.Length > LongestQuote ? string.Create(CultureInfo.InvariantCulture, $" ({text.Length} characters)") : "";
        return $"'{ShownText.Value(text, LongestQuote)}'{length}";
    }

    /// <summary>Formats a shape as <c>[2, 3]</c>.</summary>
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>Lists the first few items, and how many more there are.</summary>
    public static string List(IReadOnlyCollection<string> items)
    {
        var shown = string.Join(", ", items.Take(LongestList));
        return items.Count > LongestList ? $"{shown} and {items.Count - LongestList} more" : shown;
    }
}
