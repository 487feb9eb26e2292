using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Studies;

/// <summary>A run of a study.</summary>
/// <param name="Path">The run directory, relative to the study's folder.</param>
/// <param name="Seed">The seed of initialization and order.</param>
/// <param name="FewShotSeed">The seed of the selection of rows.</param>
/// <param name="SplitSeed">The seed of the held-out rows; null where a run of an earlier version holds them out by its seed.</param>
internal sealed record StudyRun(string Path, long Seed, long FewShotSeed, long? SplitSeed);

/// <summary>
/// Runs that differ in their seeds alone, as one thing: the content of <c>study.json</c>. The state of the runs stands in their own records.
/// </summary>
/// <param name="Folder">The folder of the study.</param>
/// <param name="Runs">The runs, in the order in which their seeds were given.</param>
/// <param name="Settings">The settings that all runs share.</param>
internal sealed record Study(string Folder, IReadOnlyList<StudyRun> Runs, JsonObject Settings)
{
    private const int CurrentVersion = 1;

    /// <summary>Runs of an earlier study in the same folder that are still to be removed; read before anything else of the folder.</summary>
    internal IReadOnlyList<string> Replacing { get; init; } = [];

    /// <summary>The run directories.</summary>
    internal IReadOnlyList<string> Paths => [.. Runs.Select(run => PathOf(run.Path))];

    /// <summary>Whether a path is the folder of a study.</summary>
    internal static bool Is(string path) => File.Exists(Path.Combine(path, RunDirectory.StudyName));

    /// <summary>
    /// The study in a folder: that of its file, or that of the runs named by their seeds, as earlier versions left them. Null where the path is a
    /// run, or holds neither.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="damaged">The error of a damaged file, from its path and the reason; default: that of a command that cannot start over.</param>
    /// <exception cref="RunException">The file is damaged, or the runs differ in more than their seeds.</exception>
    internal static Study? Find(string path, Func<string, string, RunException>? damaged = null) => RunDirectory.Is(path) ? null
        : Is(path) ? Read(path, damaged)
        : RunFolders.SeedsIn(path) is { Count: > 0 } runs ? Of(path, [.. runs.Select(RunSummary.Read)])
        : null;

    /// <summary>Makes a study of runs, wherever they are.</summary>
    /// <param name="folder">The folder of the study.</param>
    /// <param name="runs">The runs.</param>
    /// <exception cref="RunException">They differ in more than their seeds, or repeat each other.</exception>
    internal static Study Of(string folder, IReadOnlyList<RunSummary> runs)
    {
        foreach (var run in runs.Skip(1))
        {
            string[] differing = [.. RunSummary.Differences([runs[0], run]).Except(RunGroup.Pooled), .. DigestsThatDiffer(runs[0], run)];
            if (differing.Length > 0)
                throw RunException.NotOneStudy(run.Path, runs[0].Path, differing);
        }

        if (new RunGroup(runs).Repeated is [var repeated, ..])
            throw RunException.Repeated(repeated.Path);
        return new Study(folder, [.. runs.Select(run => RunOf(folder, run))], Shared(runs[0].Settings));
    }

    /// <summary>The settings without those in which the runs of a study may differ.</summary>
    internal static JsonObject Shared(JsonObject settings) => new(settings.Where(setting => !RunGroup.Pooled.Contains(setting.Key))
        .Select(setting => KeyValuePair.Create(setting.Key, setting.Value?.DeepClone())));

    /// <summary>Reads the file of a study.</summary>
    /// <param name="folder">The folder of the study.</param>
    /// <param name="damaged">The error of a damaged file, from its path and the reason; default: that of a command that cannot start over.</param>
    /// <exception cref="RunException">It is damaged, or of a later version.</exception>
    internal static Study Read(string folder, Func<string, string, RunException>? damaged = null)
    {
        damaged ??= RunException.DamagedStudy;
        var file = Path.Combine(folder, RunDirectory.StudyName);
        try
        {
            var json = JsonFile.Node(PlainFile.Read(file, PlainFile.LongestJson), JsonFormats.Strict);
            var content = json.Deserialize<Content>(JsonFormats.IndentedSnakeCase);
            if (content is not { Runs.Count: > 0, Settings: not null } || content.Runs.Any(run => run is not { Path.Length: > 0 }))
                throw damaged(file, "it does not name runs and their settings");
            if (content.Version != CurrentVersion)
                throw damaged(file, $"its version is {content.Version}, expected {CurrentVersion}");
            _ = RunSpecJson.Read(content.Settings, file);
            return new Study(folder, content.Runs, content.Settings) { Replacing = content.Replacing ?? [] };
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is RunSpecException)
        {
            throw damaged(file, JsonProblem.Of(e));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(file, e);
        }
    }

    /// <summary>Makes the folder of the study.</summary>
    /// <exception cref="RunException">It is a file, or cannot be written.</exception>
    internal void CreateFolder() => new RunDirectory(Folder).Create();

    /// <summary>Writes the file of the study.</summary>
    internal void Write() => RunDirectory.WriteText(
        Path.Combine(Folder, RunDirectory.StudyName),
        JsonSerializer.Serialize(
            new Content(CurrentVersion, Runs, Settings) { Replacing = Replacing.Count > 0 ? Replacing : null },
            JsonFormats.IndentedSnakeCase) + "\n");

    /// <summary>The settings in which the study differs from others, other than seeds and place.</summary>
    internal IReadOnlyList<string> Differences(RunSpec spec) =>
        [.. RunSpecJson.Differences(RunSpecJson.Read(Settings, Folder), spec).Except(RunGroup.Pooled)];

    /// <summary>The directory of a run that the study names.</summary>
    internal string PathOf(string run) => Path.Combine(Folder, run.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>The run directories, each of which must be there and have the settings of the study.</summary>
    /// <exception cref="RunException">
    /// A run is not begun or gone or was trained with other settings, such as another length, or the study is being replaced.
    /// </exception>
    internal IReadOnlyList<string> RequiredPaths()
    {
        if (Replacing.Count > 0)
            throw RunException.StudyIsReplaced(Folder);
        var shared = RunSpecJson.Read(Settings, Folder);
        foreach (var run in Runs)
        {
            var path = PathOf(run.Path);
            if (!RunDirectory.Is(path))
                throw RunException.MemberMissing(Folder, path);
            var record = RunRecord.Read(new RunDirectory(path));
            string[] differing = [.. RunGrowth.Pending(record, RunSpecJson.Continuing(record.Spec, SpecOf(shared, run))).Except(RunGroup.Pooled)];
            if (differing.Length > 0)
                throw RunException.MemberDiffers(Folder, path, differing);
        }

        return Paths;
    }

    /// <summary>The settings of a run of a study.</summary>
    /// <param name="shared">The settings that all runs share; SAVE_DIR/SAVE_NAME is the folder of the study.</param>
    /// <param name="run">The run.</param>
    internal static RunSpec SpecOf(RunSpec shared, StudyRun run)
    {
        var path = Path.Combine(shared.SaveDir, shared.SaveName ?? "", run.Path.Replace('/', Path.DirectorySeparatorChar));
        return shared with
        {
            Seed = run.Seed,
            FewShotSeed = run.FewShotSeed,
            SplitSeed = run.SplitSeed ?? shared.SplitSeed,
            SplitsBySeed = run.SplitSeed is null,
            SaveDir = Path.GetDirectoryName(path)!,
            SaveName = Path.GetFileName(path),
        };
    }

    private static StudyRun RunOf(string folder, RunSummary run)
    {
        var spec = RunSpecJson.ReadRecord(run.Settings, run.Path);
        var path = Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(run.Path)).Replace('\\', '/');
        return new StudyRun(path, spec.Seed, spec.FewShotSeed, spec.SplitsBySeed ? null : spec.SplitSeed);
    }

    private static IEnumerable<string> DigestsThatDiffer(RunSummary one, RunSummary other) => one.Digests.Select(pair => pair.Key)
        .Union(other.Digests.Select(pair => pair.Key)).Where(key => !JsonNode.DeepEquals(one.Digests[key], other.Digests[key]));

    private sealed record Content(int Version, IReadOnlyList<StudyRun> Runs, JsonObject Settings)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string>? Replacing { get; init; }
    }
}
