using System.Globalization;
using System.Numerics;

namespace ResidualPrompts.Data.Parquet;

/// <summary>Decimal numbers of any length, as JSON writes numbers: <c>-12.50</c> has two digits behind the point and keeps them.</summary>
internal static class ParquetDecimal
{
    /// <summary>A number from its digits without the point.</summary>
    public static string Text(BigInteger digits, int scale)
    {
        var text = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return (digits.Sign < 0 ? "-" : "") + (scale == 0 ? text : $"{text[..^scale]}.{text[^scale..]}");
    }

    /// <summary>The digits without the point of a number that <see cref="Text"/> wrote.</summary>
    /// <exception cref="FormatException">It has another scale.</exception>
    public static BigInteger Parse(string text, int scale)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var plain = text.Replace(".", "", StringComparison.Ordinal);
        return (point < 0 ? 0 : text.Length - point - 1) == scale
            && BigInteger.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digits)
            ? digits
            : throw new FormatException($"'{Example.Shortened(text)}' is not a number with {scale} digits behind the point");
    }
}
