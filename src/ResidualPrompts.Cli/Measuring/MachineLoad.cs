using System.Globalization;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Load by other processes during a measurement, from /proc/stat. It distorts the measurement.</summary>
internal sealed class MachineLoad
{
    /// <summary>The machine counts as quiet if other processes use less than this share of its processors.</summary>
    internal const double QuietShare = 0.05;

    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux
    private readonly (double Busy, double Total)? _start = Read();
    private readonly double _ownStart = OwnSeconds();

    private MachineLoad()
    {
    }

    /// <summary>Starts the observation.</summary>
    internal static MachineLoad Start() => new();

    /// <summary>Average number of processors used by other processes since this object was created; null if the system does not report it.</summary>
    internal double? OfOthers()
    {
        if (_start is not { } start || Read() is not { } now || now.Total <= start.Total)
            return null;
        var seconds = (now.Total - start.Total) / Environment.ProcessorCount;
        return Math.Max(0, now.Busy - start.Busy - (OwnSeconds() - _ownStart)) / seconds;
    }

    /// <summary>Whether the load is low enough for a valid measurement; null if the load is unknown.</summary>
    internal static bool? IsQuiet(double? loadOfOthers) => loadOfOthers is { } load ? load < QuietShare * Environment.ProcessorCount : null;

    /// <summary>Warns on standard error if the load since this object was created was too high for a valid measurement.</summary>
    internal void WarnUnlessQuiet()
    {
        if (IsQuiet(OfOthers()) == false)
            Console.Error.WriteLine("warning: Other processes kept the machine busy. Measure again when it is quiet.");
    }

    /// <summary>Busy and total seconds of all processors, from the first line of /proc/stat; null for any other line.</summary>
    internal static (double Busy, double Total)? Parse(string? stat)
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; user includes guest
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

    /// <summary>Processor seconds of a process and its awaited children, from a line of /proc/PID/stat; null for any other line.</summary>
    internal static double? ParseProcess(string? stat)
    {
        // pid (name) state … utime stime cutime cstime …; the name may contain spaces and parentheses
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
