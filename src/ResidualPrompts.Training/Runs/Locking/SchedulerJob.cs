using System.Globalization;

namespace ResidualPrompts.Runs.Locking;

/// <summary>A job of a cluster's scheduler.</summary>
/// <param name="Name">The job's id, with the index of the task in a job array: <c>1234_7</c>.</param>
/// <param name="RestartCount">How often the scheduler has started it again.</param>
internal sealed record SchedulerJob(string Name, int RestartCount)
{
    private const int LongestName = 64;

    /// <summary>The job of this process; null outside one.</summary>
    internal static SchedulerJob? Current { get; } = Of(Environment.GetEnvironmentVariable);

    /// <summary>
    /// Asks the scheduler whether it says that a job is gone. It answers no where it does not know, and where there is no scheduler to ask.
    /// </summary>
    internal static Func<SchedulerJob, bool> IsGone { get; set; } = _ => false;

    /// <summary>The job that Slurm's variables name; null without them.</summary>
    /// <param name="variable">The value of a variable, or null.</param>
    internal static SchedulerJob? Of(Func<string, string?> variable)
    {
        var job = variable("SLURM_ARRAY_JOB_ID") is { Length: > 0 } array && variable("SLURM_ARRAY_TASK_ID") is { Length: > 0 } task
            ? $"{array}_{task}"
            : variable("SLURM_JOB_ID");
        return job is not { Length: > 0 and <= LongestName } ? null : new SchedulerJob(
            job, int.TryParse(variable("SLURM_RESTART_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0);
    }

    /// <summary>Whether this is the same job as an earlier one, started again: the earlier one's processes are gone, wherever they were.</summary>
    internal bool Continues(SchedulerJob earlier) => Name == earlier.Name && RestartCount > earlier.RestartCount;
}
