using System.Globalization;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>How busy others kept the machine while something was measured, by /proc/stat; what they take, a measurement lacks.</summary>
internal sealed class MachineLoad
{
    /// <summary>A quiet machine's other processes keep less than this share of its processors busy.</summary>
    internal const double QuietShare = 0.05;

    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux
    private readonly (double Busy, double Total)? _start = Read();
    private readonly double _ownStart = OwnSeconds();

    private MachineLoad()
    {
    }

    /// <summary>Watches from now on.</summary>
    internal static MachineLoad Start() => new();

    /// <summary>Processors that others kept busy on average since this object was made; null where the system does not tell.</summary>
    internal double? OfOthers()
    {
        if (_start is not { } start || Read() is not { } now || now.Total <= start.Total)
            return null;
        var seconds = (now.Total - start.Total) / Environment.ProcessorCount;
        return Math.Max(0, now.Busy - start.Busy - (OwnSeconds() - _ownStart)) / seconds;
    }

    /// <summary>Whether a load of others lets a measurement count; null when it is not known.</summary>
    internal static bool? IsQuiet(double? loadOfOthers) => loadOfOthers is { } load ? load < QuietShare * Environment.ProcessorCount : null;

    /// <summary>Seconds of all processors together, busy and altogether, of the first line of /proc/stat; null when it is none such.</summary>
    internal static (double Busy, double Total)? Parse(string? stat)
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are counted among users
        var fields = stat?.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields is not ["cpu", ..] || fields.Length < 9)
            return null;
        var ticks = new double[8];
        for (var i = 0; i < ticks.Length; i++)
        {
            if (!double.TryParse(fields[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out ticks[i]))
                return null;
        }

        var total = ticks.Sum() / TicksPerSecond;
        return (total - ((ticks[3] + ticks[4]) / TicksPerSecond), total);
    }

    /// <summary>Seconds of processors that a process and the children it has waited for took, of /proc/PID/stat; null when it is none such.</summary>
    internal static double? ParseProcess(string? stat)
    {
        // pid (name) state … utime stime cutime cstime …; the name may hold blanks and brackets
        var fields = stat?[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int first = 11, count = 4;
        if (fields is null || fields.Length < first + count)
            return null;
        var ticks = 0.0;
        foreach (var field in fields[first..(first + count)])
        {
            if (!double.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                return null;
            ticks += value;
        }

        return ticks / TicksPerSecond;
    }

    private static (double Busy, double Total)? Read() => Parse(TextOf("/proc/stat"));

    private static double OwnSeconds() => ParseProcess(TextOf("/proc/self/stat")) ?? 0;

    private static string? TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
