using System.Globalization;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Formats a measured number with three significant digits and without an exponent.</summary>
internal static class MeasuredText
{
    internal static string Of(double value, int digitCount = 3)
    {
        if (!double.IsFinite(value))
            return "unknown";
        var decimals = value == 0 ? 0 : Math.Clamp(digitCount - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 9);
        return Math.Round(value, decimals).ToString("0.#########", CultureInfo.InvariantCulture);
    }
}
