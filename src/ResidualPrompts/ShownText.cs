using System.Globalization;
using System.Text;

namespace ResidualPrompts;

/// <summary>
/// Texts from files, requests and options as they stand in a message. Invisible characters are escaped as <c>\u001b</c>, so that a value can neither
/// act on a terminal, nor turn a line around, nor forge a line of a log.
/// </summary>
internal static class ShownText
{
    /// <summary>Most characters of a value in a message.</summary>
    internal const int LongestValue = 200;

    /// <summary>Most characters of a message.</summary>
    private const int LongestMessage = 8000;

    /// <summary>A value: on one line, the beginning of a long one.</summary>
    internal static string Value(string? text, int longest = LongestValue) => Escaped(Beginning(text ?? "", longest), keepsLines: false);

    /// <summary>A value of any length on one line.</summary>
    internal static string Line(string? text) => Escaped(text ?? "", keepsLines: false);

    /// <summary>A whole message, which may have several lines.</summary>
    internal static string Message(string text) => Escaped(Beginning(text, LongestMessage), keepsLines: true);

    /// <summary>The beginning of a long text, cut between characters.</summary>
    internal static string Beginning(string text, int longest) => text.Length <= longest ? text
        : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + "…";

    private static string Escaped(string text, bool keepsLines)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) && !IsInvisible(CharUnicodeInfo.GetUnicodeCategory(text, i)))
            {
                escaped?.Append(text, i, 2);
                i++;
            }
            else if (!IsInvisible(char.GetUnicodeCategory(text[i])) || (keepsLines && text[i] == '\n'))
            {
                escaped?.Append(text[i]);
            }
            else
            {
                escaped ??= new StringBuilder(text, 0, i, text.Length + 16);
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return escaped?.ToString() ?? text;
    }

    private static bool IsInvisible(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
