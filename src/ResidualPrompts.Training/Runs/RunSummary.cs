using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>A summary of a run directory, read without loading a model.</summary>
/// <param name="Path">The run directory.</param>
/// <param name="Status">The status of the run.</param>
/// <param name="Settings">Every setting by key, as in run.json.</param>
/// <param name="StepCount">Optimizer updates of the entire run.</param>
/// <param name="Result">The result; null when the run is not finished.</param>
internal sealed record RunSummary(string Path, RunStatus Status, JsonObject Settings, long StepCount, RunResult? Result)
{
    /// <summary>The run's task; null for rows of token ids, or for a task made by code.</summary>
    public TaskDefinition? Task { get; private init; }

    /// <summary>The name of the status, as in run.json.</summary>
    public string StatusName => RunRecord.NameOf(Status);

    /// <summary>Digests of the model, the tokenizer and the data: what the settings alone do not tell.</summary>
    public required JsonObject Digests { get; init; }

    /// <summary>The settings that act on nothing in the run; their values are null.</summary>
    public IReadOnlyList<string> Inert { get; init; } = [];

    /// <summary>Reads the record of a run.</summary>
    /// <param name="path">The run directory.</param>
    /// <exception cref="RunException">The path is not a run directory, or its record is damaged.</exception>
    public static RunSummary Read(string path)
    {
        var record = RunRecord.Read(new RunDirectory(path));
        var trainCount = record.Inputs.TrainCount;
        return new RunSummary(
            path, record.Status, RunSpecJson.Write(record.Spec, record.Inert), RunLength.Of(record.Spec, trainCount).LastStep, record.Result)
        {
            Digests = record.Inputs.DigestsJson(),
            Inert = record.Inert,
            Task = record.Inputs is { RowsDigest: not null, TaskFile: null } ? null : record.FindTask(path),
        };
    }

    /// <summary>Whether a process is training the run now. To look takes nothing.</summary>
    public bool IsHeld => RunLock.IsHeld(new RunDirectory(Path));

    /// <summary>Keys of the settings in which runs differ that they act on, except those of the run directory.</summary>
    /// <param name="runs">The runs.</param>
    public static IReadOnlyList<string> Differences(IReadOnlyList<RunSummary> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return
        [
            .. RunSpecProperty.All.Select(setting => setting.Key).Where(key => key is not ("save_dir" or "save_name"))
                .Where(key => runs.Where(run => !run.Inert.Contains(key)).Select(run => run.Settings[key]).ToArray() is [var first, .. var others]
                    && others.Any(value => !JsonNode.DeepEquals(value, first))),
        ];
    }
}
