using System.Globalization;

namespace ResidualPrompts.Cli.Sweeps.Running;

/// <summary>Memory that the system could give to new processes.</summary>
internal static class MachineMemory
{
    /// <summary>Bytes; null where the system does not tell.</summary>
    internal static long? AvailableBytes
    {
        get
        {
            try
            {
                return OperatingSystem.IsLinux() ? Parse(File.ReadAllText("/proc/meminfo")) : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Reads MemAvailable, which is in kB.</summary>
    internal static long? Parse(string text)
    {
        const string key = "MemAvailable:";
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.TryParse(line?[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture,
            out var kilobytes) ? kilobytes << 10 : null;
    }
}
