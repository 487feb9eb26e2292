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

    private static (double Busy, double Total)? Read()
    {
        try
        {
            return Parse(File.ReadAllText("/proc/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static double OwnSeconds() => OperatingSystem.IsLinux() ? Environment.CpuUsage.TotalTime.TotalSeconds : 0;
}
