using System.Globalization;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Formats byte counts with decimal units.</summary>
internal static class FileSize
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB"];

    internal static string Text(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1000 && unit < Units.Length - 1)
            (value, unit) = (value / 1000, unit + 1);
        return unit == 0 ? $"{bytes} bytes" : $"{value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
