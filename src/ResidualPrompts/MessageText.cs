using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ResidualPrompts;

/// <summary>
/// A message as an interpolated string. Every value in it stands on one line (see <see cref="ShownText"/>), so that no path, key or cause can forge a
/// line; line breaks of the message itself stay. Nothing converts a text to a message, so that the compiler finds a message whose values are not
/// escaped: one without values is written <c>$"…"</c> too, and parts are joined as <c>$"…" + $"…"</c>.
/// </summary>
[InterpolatedStringHandler]
internal readonly struct MessageText
{
    private readonly StringBuilder _text;

    /// <summary>Called by the compiler.</summary>
    /// <param name="literalLength">Characters outside of values.</param>
    /// <param name="valueCount">Number of values.</param>
    public MessageText(int literalLength, int valueCount) => _text = new StringBuilder(literalLength + 16 * valueCount);

    /// <summary>A message of several lines, each of which is escaped.</summary>
    internal static MessageText Lines(string separator, IEnumerable<string> lines)
    {
        var text = new MessageText(0, 0);
        text._text.AppendJoin(separator, lines.Select(ShownText.Line));
        return text;
    }

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string text) => _text.Append(text);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted(string? value) => _text.Append(ShownText.Line(value));

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value, string? format = null) =>
        _text.Append(ShownText.Line(value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString()));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
