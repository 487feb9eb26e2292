using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Locking;

namespace ResidualPrompts.Runs.States;

/// <summary>
/// The content of <c>state.json</c>: where a run is, for whoever looks at many. The record knows better: a run that says "running" here and is not
/// under way was killed, maybe after its record had changed.
/// </summary>
/// <param name="Status">The status of the run.</param>
internal sealed record RunState(RunStatus Status)
{
    /// <summary>Optimizer updates so far.</summary>
    internal long Step { get; init; }

    /// <summary>Optimizer updates of the entire run; 0 where it is not known.</summary>
    internal long StepCount { get; init; }

    /// <summary>The epoch of the last step, from 1.</summary>
    internal int Epoch { get; init; }

    /// <summary>The name of the task's first metric; null before the first evaluation.</summary>
    internal string? Metric { get; init; }

    /// <summary>Its last value on the validation rows, as a fraction.</summary>
    internal double? Value { get; init; }

    /// <summary>Its best value on the validation rows so far.</summary>
    internal double? Best { get; init; }

    /// <summary>
    /// What makes it this run, by the rule that is its prefix; null in what a record of an earlier version tells. So that whoever looks for one of
    /// many runs reads no record.
    /// </summary>
    internal string? Identity { get; init; }

    /// <summary>Whether the result has a score of the test split.</summary>
    internal bool HasTest { get; init; }

    /// <summary>How many processes in a row have begun the run without getting to another checkpoint, this one included.</summary>
    internal int Attempts { get; init; }

    /// <summary>The last process; null in what a record of an earlier version tells.</summary>
    internal ProcessIdentity? Process { get; init; }

    /// <summary>Its scheduler's job; null outside one.</summary>
    internal SchedulerJob? Job { get; init; }

    /// <summary>When this was written, by the clock of the process, UTC.</summary>
    internal DateTime Time { get; init; }

    /// <summary>Whether a process is training the run now.</summary>
    internal bool IsUnderWay { get; private init; }

    /// <summary>
    /// The state of a run: its file alone, one look at the lock if it says "running", and the record where that process is gone or there is no file.
    /// </summary>
    /// <exception cref="RunException">It is not a run, or its record is damaged.</exception>
    internal static RunState Of(RunDirectory directory)
    {
        if (Read(directory) is not { } state)
            return OfRecord(directory) is var recorded && recorded.Status == RunStatus.Running
                ? recorded with { IsUnderWay = RunLock.IsHeld(directory) } : recorded;
        if (state.Status != RunStatus.Running)
            return state;
        if (state.Process is not { IsHere: true, Runs: false } && RunLock.IsHeld(directory))
            return state with { IsUnderWay = true };
        return File.Exists(directory.Record) ? state.Known(directory) : state;
    }

    /// <summary>Reads the file; null where it is missing or damaged: it holds nothing that the record does not.</summary>
    internal static RunState? Read(RunDirectory directory)
    {
        try
        {
            return JsonFile.Node(PlainFile.Read(directory.State, PlainFile.LongestText), JsonFormats.Strict) is JsonObject json
                && RunRecord.StatusOf(json["state"]) is { } status
                ? new RunState(status)
                {
                    Step = json["step"].Deserialize<long>(),
                    StepCount = json["step_count"].Deserialize<long>(),
                    Epoch = JsonFile.Count(json["epoch"]) ?? 0,
                    Metric = JsonFile.Text(json["metric"]),
                    Value = json["value"].Deserialize<double?>(),
                    Best = json["best"].Deserialize<double?>(),
                    Identity = JsonFile.Text(json["identity"]),
                    HasTest = json["has_test"].Deserialize<bool?>() ?? false,
                    Attempts = JsonFile.Count(json["attempts"]) ?? 0,
                    Process = LockHolder.ReadProcess(json),
                    Job = LockHolder.ReadJob(json),
                    Time = json["time"].Deserialize<DateTime>().ToUniversalTime(),
                }
                : null;
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is IOException or UnauthorizedAccessException or FileException)
        {
            return null;
        }
    }

    /// <summary>Writes the file.</summary>
    internal void Write(RunDirectory directory)
    {
        var json = new JsonObject
        {
            ["state"] = RunRecord.NameOf(Status),
            ["step"] = Step,
            ["step_count"] = StepCount,
            ["epoch"] = Epoch,
            ["metric"] = Metric,
            ["value"] = Value,
            ["best"] = Best,
            ["identity"] = Identity,
            ["has_test"] = HasTest,
            ["attempts"] = Attempts,
            ["time"] = Time.ToString(RunEnvironment.TimeFormat, CultureInfo.InvariantCulture),
        };
        if (Process is not null)
            LockHolder.Write(Process, Job, json);
        RunDirectory.WriteText(directory.State, json.ToJsonString(JsonFormats.IndentedRelaxed) + "\n");
    }

    /// <summary>The state that a record tells.</summary>
    private static RunState OfRecord(RunDirectory directory)
    {
        var record = RunRecord.Read(directory);
        var (metric, value) = record.Result?.Validation?.Metrics.FirstOrDefault() ?? default;
        return new RunState(record.Status)
        {
            Step = record.Result?.Steps ?? 0,
            StepCount = RunLengthOf(record),
            Epoch = record.Result?.Epochs ?? 0,
            Metric = metric,
            Value = value,
            Best = value,
            Identity = RunIdentity.Of(record).Name,
            HasTest = record.Result?.Test is not null,
            Time = record.Ended ?? record.Started ?? default,
        };
    }

    /// <summary>What the record knows better of a run that nobody trains any more.</summary>
    internal RunState Known(RunDirectory directory)
    {
        var known = OfRecord(directory);
        return known.Status == RunStatus.Finished
            ? known with { Process = Process, Job = Job, Attempts = Attempts }
            : this with { Status = known.Status };
    }

    private static long RunLengthOf(RunRecord record) =>
        record.Inputs.TrainCount is > 0 and var count ? Settings.RunLength.Of(record.Spec, count).LastStep : 0;
}
