using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Native;

namespace ResidualPrompts.Runs.Locking;

/// <summary>Who holds a lock, as its file says.</summary>
/// <param name="Token">A text that no other lock has.</param>
/// <param name="Process">The process.</param>
/// <param name="Job">Its scheduler's job; null outside one.</param>
/// <param name="Since">When it took the lock, by its own clock, UTC.</param>
internal sealed record LockHolder(string Token, ProcessIdentity Process, SchedulerJob? Job, DateTime Since)
{
    /// <summary>This process, with a token of its own.</summary>
    internal static LockHolder Create() => new(Guid.NewGuid().ToString("N"), ProcessIdentity.Current, SchedulerJob.Current, DateTime.UtcNow);

    /// <summary>The holder in words.</summary>
    public override string ToString() => $"process {Process.Id} on {ShownText.Value(Process.Host)}"
        + $"{(Job is null ? "" : $" (job {ShownText.Value(Job.Name)})")}, since {Text(Since)}";

    /// <summary>The content of the lock's file.</summary>
    internal byte[] ToBytes() => Encoding.UTF8.GetBytes(Write(Process, Job, new JsonObject { ["token"] = Token, ["since"] = Text(Since) })
        .ToJsonString(JsonFormats.IndentedRelaxed) + "\n");

    /// <summary>Reads the content of a lock's file; null where it is none.</summary>
    internal static LockHolder? Read(byte[] content)
    {
        try
        {
            return JsonFile.Node(content, JsonFormats.Strict) is JsonObject json && JsonFile.Text(json["token"]) is { } token
                && ReadProcess(json) is { } process && json["since"].Deserialize<DateTime?>() is { } since
                ? new LockHolder(token, process, ReadJob(json), since.ToUniversalTime())
                : null;
        }
        catch (Exception e) when (JsonProblem.IsOne(e))
        {
            return null;
        }
    }

    /// <summary>Adds a process and its job to an object.</summary>
    internal static JsonObject Write(ProcessIdentity process, SchedulerJob? job, JsonObject json)
    {
        json["host"] = process.Host;
        json["process_id"] = process.Id;
        json["process_start"] = process.Start;
        json["boot_id"] = process.Boot;
        json["id_space"] = process.IdSpace;
        json["job"] = job?.Name;
        json["restart_count"] = job?.RestartCount;
        return json;
    }

    /// <summary>Reads a process from an object; null where there is none.</summary>
    internal static ProcessIdentity? ReadProcess(JsonObject json) =>
        JsonFile.Text(json["host"]) is { } host && JsonFile.Count(json["process_id"]) is { } id
            ? new ProcessIdentity(host, id, JsonFile.Text(json["process_start"]), JsonFile.Text(json["boot_id"]), JsonFile.Text(json["id_space"]))
            : null;

    /// <summary>Reads a job from an object; null where there is none.</summary>
    internal static SchedulerJob? ReadJob(JsonObject json) =>
        JsonFile.Text(json["job"]) is { } job ? new SchedulerJob(job, JsonFile.Count(json["restart_count"]) ?? 0) : null;

    private static string Text(DateTime time) => time.ToString(RunEnvironment.TimeFormat, CultureInfo.InvariantCulture);
}
