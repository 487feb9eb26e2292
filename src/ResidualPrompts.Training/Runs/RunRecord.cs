using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>The status of a run.</summary>
internal enum RunStatus
{
    /// <summary>In progress, or killed.</summary>
    Running,

    /// <summary>Stopped on request with a checkpoint.</summary>
    Interrupted,

    /// <summary>Complete.</summary>
    Finished,

    /// <summary>Ended by an error.</summary>
    Failed,
}

/// <summary>The content of <c>run.json</c>.</summary>
/// <param name="Status">The status of the run.</param>
/// <param name="Spec">The settings in force.</param>
/// <param name="Environment">The environment of the run.</param>
/// <param name="Inputs">Digests of model, tokenizer and data, and counts of rows.</param>
/// <param name="Result">The result; null until the run is finished.</param>
internal sealed record RunRecord(RunStatus Status, RunSpec Spec, JsonObject Environment, RunProvenance Inputs, RunResult? Result)
{
    /// <summary>Digests of what the run released; null until it is finished, and in records of earlier versions.</summary>
    internal IReadOnlyDictionary<string, string>? Files { get; init; }

    /// <summary>Whether files of an earlier run may still lie there: this run was to replace them, and was killed before it had begun.</summary>
    internal bool IsReplacing { get; init; }

    /// <summary>When the run was first started, UTC; a resumed run keeps it. Null in records of earlier versions.</summary>
    internal DateTime? Started { get; init; }

    /// <summary>When the run last finished, stopped or failed, UTC; null while it is in progress, or after it was killed.</summary>
    internal DateTime? Ended { get; private init; }

    /// <summary>The most memory of any process that trained the run to an end, in bytes; null where none is known.</summary>
    internal long? PeakMemoryBytes { get; private init; }

    /// <summary>Who computed which steps, in order.</summary>
    internal IReadOnlyList<RunSegment> Segments { get; init; } = [];

    /// <summary>What was said before the first step.</summary>
    internal IReadOnlyList<WarningRaised> Warnings { get; init; } = [];

    /// <summary>The settings that act on nothing in this run; of a record without them, those that the settings alone tell.</summary>
    internal IReadOnlyList<string> Inert { get; init; } = [.. InertSettings.Of(Spec).Keys];

    private const string Replacing = "is_replacing"; // a key that only such a record has

    private static readonly Dictionary<RunStatus, string> StatusNames =
        Enum.GetValues<RunStatus>().ToDictionary(status => status, status => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString()));

    /// <summary>The record of a process that begins: the run's first start and its memory so far stay.</summary>
    internal RunRecord Begin(RunRecord? earlier) => this with
    {
        Started = earlier is null ? Now() : earlier.Started ?? FirstStartOf(earlier.Environment) ?? Now(),
        PeakMemoryBytes = earlier?.PeakMemoryBytes,
    };

    /// <summary>The record of a run that continues at a step of an earlier process.</summary>
    internal RunRecord ContinueAt(long step, RunRecord earlier) =>
        this with { Segments = RunSegment.Continue(earlier.Segments, RunSegment.Of(Environment, step), step) };

    /// <summary>The record of a process that ends here.</summary>
    internal RunRecord End(RunStatus status) => this with
    {
        Status = status,
        Ended = Now(),
        PeakMemoryBytes = new[] { PeakMemoryBytes, ProcessMemory.PeakBytes }.Max(),
    };

    /// <summary>The record of an earlier run that is continued; null where the run is a new one.</summary>
    /// <exception cref="RunException">The directory holds files, and nothing was said about them.</exception>
    internal static RunRecord? Earlier(RunDirectory directory, RunMode mode)
    {
        if (File.Exists(Path.Combine(directory.Path, RunDirectory.StudyName)))
            throw RunException.IsStudy(directory.Path);
        if (mode == RunMode.New && Directory.Exists(directory.Path) && Directory.EnumerateFileSystemEntries(directory.Path).Any())
            throw RunException.Exists(directory.Path);
        return mode == RunMode.Resume && File.Exists(directory.Record) ? Read(directory, RunException.DamagedState) : null;
    }

    /// <summary>The run that the record says is finished; null where it is not, or where files of its release are missing or changed.</summary>
    /// <exception cref="RunException">The run had other settings, or what is missing cannot be made again.</exception>
    internal CompletedRun? Completed(RunDirectory directory, RunSpec spec, TaskDefinition? task = null)
    {
        var (grows, note) = RunGrowth.Require(directory, this, spec);
        if (Status != RunStatus.Finished || Result is null)
            return null;
        ReleasedFiles.CheckLogs(directory);
        if (grows)
            return null;
        if (ReleasedFiles.Problem(directory, this) is not { } problem)
        {
            directory.RemoveLeftovers(); // of a process that was killed before it replaced anything
            RunStateWriter.Repair(directory);
            if (!Spec.KeepsCheckpoint && Result.ReleasedStep is not null) // of a process that was killed before it dropped it
                directory.DropCheckpoint();
            return new CompletedRun(directory, Result, note is null ? [] : [note], task);
        }

        return File.Exists(directory.Checkpoint) ? null : throw RunException.NotWhole(directory.Path, problem);
    }

    /// <summary>Reads the record of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="damaged">The error of a damaged file, from its path and the reason; default: that of a command that cannot start over.</param>
    /// <exception cref="RunException">It is not a run, or its record is damaged.</exception>
    internal static RunRecord Read(RunDirectory directory, Func<string, string, RunException>? damaged = null)
    {
        damaged ??= RunException.Damaged;
        if (!File.Exists(directory.Record))
            throw RunException.NotARun(directory.Path);
        try
        {
            var json = JsonFile.Node(PlainFile.Read(directory.Record, PlainFile.LongestJson), JsonFormats.Strict) as JsonObject
                ?? throw damaged(directory.Record, "it is not a JSON object");
            JsonObject Part(string key) =>
                json[key] as JsonObject ?? throw damaged(directory.Record, $"\"{key}\" is missing or not an object");
            var record = new RunRecord(
                StatusOf(json["status"]) ?? throw damaged(
                    directory.Record, $"\"status\" is missing or none of {string.Join(", ", StatusNames.Values)}"),
                Within("spec", () => SpecOf(Part("spec"))),
                Part("environment"),
                Within("inputs", () => RunProvenance.Read(Part("inputs"))),
                Within("result", () => ResultOf(json["result"])))
            {
                Started = Within("started", () => json["started"].Deserialize<DateTime?>()?.ToUniversalTime()),
                Ended = Within("ended", () => json["ended"].Deserialize<DateTime?>()?.ToUniversalTime()),
                PeakMemoryBytes = Within("peak_memory_bytes", () => json["peak_memory_bytes"].Deserialize<long?>()),
                Files = Within("files", () => json["files"].Deserialize<Dictionary<string, string>>()),
                IsReplacing = json[Replacing] is not null,
                Segments = SegmentsOf(json),
            };
            return json["inert"] is null ? record : record with { Inert = Within("inert", () => json["inert"].Deserialize<List<string>>())! };
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is RunSpecException or TaskException)
        {
            throw damaged(directory.Record, JsonProblem.Of(e));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(directory.Record, e);
        }
    }

    /// <summary>The run's task; null when its rows bring token ids.</summary>
    /// <exception cref="RunException">The task was made by code, so only the caller has its definition.</exception>
    /// <exception cref="TaskException">The task no longer exists.</exception>
    internal TaskDefinition? FindTask(string run) =>
        Inputs.RowsDigest is not null ? TaskFile.Parse(Inputs.TaskFile ?? throw RunException.TaskOfCode(run), run)
        : Spec is { Task: null, Template: null } ? null
        : RunData.TaskOf(Spec, Inputs.TaskFile);

    /// <summary>The settings with the recorded paths of model and data.</summary>
    internal RunSpec Located => Inputs.Locate(Spec);

    /// <summary>Writes the record; a run in memory has no directory.</summary>
    internal void Write(RunDirectory? directory)
    {
        if (directory is not null)
            RunDirectory.WriteText(directory.Record, ToText());
    }

    /// <summary>The text of run.json.</summary>
    internal string ToText()
    {
        var json = new JsonObject
        {
            ["status"] = NameOf(Status),
            ["started"] = Text(Started),
            ["ended"] = Text(Ended),
            ["peak_memory_bytes"] = PeakMemoryBytes,
            ["spec"] = RunSpecJson.Write(Spec, Inert),
            ["inert"] = JsonSerializer.SerializeToNode(Inert),
            ["warnings"] = new JsonArray([.. Warnings.Select(EventFormat.OfRecord)]),
            ["environment"] = Environment.DeepClone(),
            ["segments"] = JsonSerializer.SerializeToNode(Segments, JsonFormats.SnakeCase),
            ["inputs"] = Inputs.ToJson(),
            ["result"] = JsonSerializer.SerializeToNode(Result, JsonFormats.SnakeCase),
            ["files"] = JsonSerializer.SerializeToNode(Files),
        };
        if (IsReplacing)
            json[Replacing] = true;
        return json.ToJsonString(JsonFormats.IndentedRelaxed) + "\n";
    }

    /// <summary>The settings; a number out of its range would fail somewhere later.</summary>
    private static RunSpec SpecOf(JsonObject json)
    {
        var spec = RunSpecJson.ReadRecord(json, "spec");
        return spec.Validate().FirstOrDefault(problem => json[problem.Key]?.GetValueKind() == JsonValueKind.Number) is { } problem
            ? throw new JsonException($"{problem.Key} {problem.Message}")
            : spec;
    }

    /// <summary>Records of earlier versions know the last process only.</summary>
    private static IReadOnlyList<RunSegment> SegmentsOf(JsonObject json)
    {
        if (json["segments"] is null)
            return Within("environment", () => new[] { RunSegment.Of(json["environment"]!.AsObject(), 0) });
        return Within("segments", () =>
        {
            JsonFile.RequireItems(json["segments"]);
            return json["segments"].Deserialize<List<RunSegment>>(JsonFormats.Required)!;
        });
    }

    private static RunResult? ResultOf(JsonNode? json)
    {
        JsonFile.RequireItems(json);
        return json.Deserialize<RunResult>(JsonFormats.Complete);
    }

    /// <summary>The place of a problem is that in the part; it becomes the place in the record.</summary>
    private static T Within<T>(string part, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException e) when (e.Path is { } path)
        {
            throw new JsonException(JsonProblem.Text(e), part + path[1..], null, null);
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is RunSpecException or TaskException)
        {
            throw new JsonException(e.Message.StartsWith(part, StringComparison.Ordinal) ? e.Message : $"{part}: {e.Message}");
        }
    }

    /// <summary>Records of earlier versions have the start of their last process only.</summary>
    private static DateTime? FirstStartOf(JsonObject environment) =>
        environment["started"] is JsonValue value && value.TryGetValue<DateTime>(out var time) ? time.ToUniversalTime() : null;

    private static DateTime Now() => DateTime.UtcNow;

    private static string? Text(DateTime? time) => time?.ToString(RunEnvironment.TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The name of a status in run.json, and wherever a run is shown to programs.</summary>
    internal static string NameOf(RunStatus status) => StatusNames[status];

    /// <summary>The status of a name; null where it is none.</summary>
    internal static RunStatus? StatusOf(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var name) && StatusNames.ContainsValue(name)
            ? StatusNames.First(pair => pair.Value == name).Key
            : null;
}
