using System.Text.Json.Nodes;
using ResidualPrompts.Native;

namespace ResidualPrompts.Testing;

/// <summary>Lock files as other processes leave them.</summary>
internal static class ForeignLock
{
    /// <summary>An id that no process has: Linux gives none above 4,194,304.</summary>
    internal const int NoProcess = 2_000_000_000;

    /// <summary>The lock of a process of this host that was killed.</summary>
    internal static void OfKilled(string path) => Write(path, ProcessIdentity.Current with { Id = NoProcess, Start = "1" });

    /// <summary>The lock of a process.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="process">The process.</param>
    /// <param name="age">How long ago it gave a sign of life.</param>
    /// <param name="job">Its job.</param>
    internal static void Write(string path, ProcessIdentity process, TimeSpan age = default, string? job = null)
    {
        File.WriteAllText(path, new JsonObject
        {
            ["host"] = process.Host,
            ["process_id"] = process.Id,
            ["process_start"] = process.Start,
            ["boot_id"] = process.Boot,
            ["id_space"] = process.IdSpace,
            ["job"] = job,
            ["restart_count"] = job is null ? null : 0,
            ["token"] = Guid.NewGuid().ToString("N"),
            ["since"] = "2026-12-01T00:00:00Z",
        }.ToJsonString());
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
    }

    /// <summary>A process of another host.</summary>
    internal static ProcessIdentity Elsewhere { get; } = new("node7", 4711, "123", "00000000-0000-0000-0000-000000000007", "pid:[4026531836]");
}
