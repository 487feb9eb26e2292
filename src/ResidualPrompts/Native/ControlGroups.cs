using System.Globalization;

namespace ResidualPrompts.Native;

/// <summary>Processor time that control groups (containers) allow a process. Pure functions over the texts of the kernel's files.</summary>
internal static class ControlGroups
{
    /// <summary>The smallest quota of the process's groups and their parents, in whole processors, rounded up; null = unlimited.</summary>
    /// <param name="membership">The text of /proc/self/cgroup: lines "hierarchy:controllers:/path".</param>
    /// <param name="read">Returns the text of a file, or null.</param>
    internal static int? ProcessorQuota(string? membership, Func<string, string?> read)
    {
        int? smallest = null;
        foreach (var line in (membership ?? "").Split('\n'))
        {
            if (line.Split(':', 3) is not [var hierarchy, var controllers, var path])
                continue;
            var isVersion2 = hierarchy == "0" && controllers.Length == 0;
            if (!isVersion2 && !controllers.Split(',').Contains("cpu"))
                continue;
            foreach (var folder in Ancestry(path.Trim()))
            {
                var quota = isVersion2
                    ? Quota(read($"/sys/fs/cgroup{folder}/cpu.max"))
                    : Quota(read($"/sys/fs/cgroup/cpu{folder}/cpu.cfs_quota_us"), read($"/sys/fs/cgroup/cpu{folder}/cpu.cfs_period_us"));
                if (quota < (smallest ?? int.MaxValue))
                    smallest = quota;
            }
        }
        return smallest;
    }

    /// <summary>Version 2: "max 100000" (no limit, null) or "150000 100000" (microseconds per period: 1.5 processors, 2).</summary>
    internal static int? Quota(string? max) =>
        max?.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var quota, var period] ? Quota(quota, period) : null;

    /// <summary>Version 1: quota and period in microseconds, in two files; -1 = unlimited.</summary>
    internal static int? Quota(string? quota, string? period) =>
        TryParse(quota, out var allowed) && TryParse(period, out var each) ? (int)Math.Min(int.MaxValue, ((allowed - 1) / each) + 1) : null;

    /// <summary>"/a/b" gives "/a/b", "/a" and "": a parent's limit also applies. In a container the path may be the host's.</summary>
    internal static IEnumerable<string> Ancestry(string path)
    {
        var folder = path.TrimEnd('/');
        while (folder.Length > 0)
        {
            yield return folder;
            folder = folder[..Math.Max(0, folder.LastIndexOf('/'))];
        }
        yield return "";
    }

    private static bool TryParse(string? text, out long positive) =>
        long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out positive) && positive > 0;
}
