using System.Globalization;

#pragma warning disable RS0030 // The kernel's files; Native uses no other folder.

namespace ResidualPrompts.Native;

/// <summary>The processors that Linux lets this process use. The parsers are pure functions over the texts of the kernel's files.</summary>
internal static class LinuxProcessors
{
    /// <summary>Physical cores of the process's processor set, limited by the time quota of its control groups; at least 1.</summary>
    internal static int Usable()
    {
        var allowed = AllowedProcessors(TextOf("/proc/self/status")) ?? [.. Enumerable.Range(0, Environment.ProcessorCount)];
        var cores = PhysicalCores(allowed, cpu => TextOf($"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"));
        var quota = ControlGroups.ProcessorQuota(TextOf("/proc/self/cgroup"), TextOf);
        return Math.Max(1, Math.Min(cores, quota ?? int.MaxValue));
    }

    /// <summary>Parses the line Cpus_allowed_list of /proc/self/status; null when it is missing or unreadable.</summary>
    internal static IReadOnlyList<int>? AllowedProcessors(string? status)
    {
        const string key = "Cpus_allowed_list:";
        var line = status?.Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line is null ? null : ParseList(line[key.Length..]);
    }

    /// <summary>Parses a list such as "0-3,8"; null when the text is not such a list.</summary>
    internal static IReadOnlyList<int>? ParseList(string? text)
    {
        var processors = new SortedSet<int>();
        foreach (var part in (text ?? "").Trim().Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out var first) || !TryParse(ends[^1], out var last) || last < first)
                return null;
            for (var processor = first; processor <= last; processor++)
                processors.Add(processor);
        }
        return [.. processors];
    }

    /// <summary>Counts the cores of the processors. A processor whose siblings cannot be read counts as a core.</summary>
    /// <param name="processors">Processor numbers.</param>
    /// <param name="siblings">The kernel's list of the threads on the same core as a processor.</param>
    internal static int PhysicalCores(IReadOnlyList<int> processors, Func<int, string?> siblings) =>
        processors.Select(processor => ParseList(siblings(processor)) is [var first, ..] ? first : processor).Distinct().Count();

    /// <summary>The text of a file, or null when it cannot be read (another kernel, a container without /sys).</summary>
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

    // No machine has more processors than the kernel's limit of 8,192; a larger number is not a processor number.
    private static bool TryParse(string text, out int processor) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out processor) && processor < 8192;
}
