using System.Text;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs;

/// <summary>
/// The files of a run. All files but the two logs are written atomically: under a temporary name, then renamed.
/// </summary>
/// <param name="path">The directory.</param>
public sealed class RunDirectory(string path)
{
    /// <summary>Status, settings, environment and result.</summary>
    public const string RecordName = "run.json";

    /// <summary>The file of a study, which a run directory never has.</summary>
    internal const string StudyName = "study.json";

    /// <summary>Where a run is, in less than 2 kB.</summary>
    internal const string StateName = "state.json";

    /// <summary>The directory's full path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Status, settings, environment and result.</summary>
    public string Record => In(RecordName);

    /// <summary>Every training event, one JSON object per line.</summary>
    public string Events => In("events.jsonl");

    /// <summary>One row per evaluation.</summary>
    public string Metrics => In("metrics.csv");

    /// <summary>The released prompt in PEFT's layout.</summary>
    public string Adapter => In("adapter");

    /// <summary>A released T5 as a Hugging Face folder, when its weights were trained.</summary>
    public string Model => In("model");

    /// <summary>The released prompt, f32[P, H].</summary>
    public string Prompt => In("prompt.npy");

    /// <summary>The initial rows of the prompt, and its rows before a network.</summary>
    public string PromptRows => In("prompt_rows.safetensors");

    /// <summary>Everything needed to resume the run.</summary>
    public string Checkpoint => In("checkpoint", "state.safetensors");

    /// <summary>The lock of the process that uses the directory.</summary>
    public string Lock => In("run.lock");

    /// <summary>Where the run is, for whoever looks at many.</summary>
    internal string State => In(StateName);

    /// <summary>Predictions for a split.</summary>
    /// <param name="split">validation or test.</param>
    public string Predictions(string split) => In("predictions", $"{split}.jsonl");

    /// <summary>The model of a run that trained weights; any other path or name is returned unchanged.</summary>
    /// <param name="path">A run directory, a folder or a name.</param>
    public static string ModelIn(string path) => Is(path) && Directory.Exists(new RunDirectory(path).Model) ? new RunDirectory(path).Model : path;

    /// <summary>The adapter of a run that trained a prompt; any other path is returned unchanged.</summary>
    /// <param name="path">A run directory, a folder or a file.</param>
    public static string AdapterIn(string path) =>
        Is(path) && Directory.Exists(new RunDirectory(path).Adapter) ? new RunDirectory(path).Adapter : path;

    /// <summary>Whether a path is a run directory: a folder with a record.</summary>
    internal static bool Is(string path) => File.Exists(System.IO.Path.Combine(path, RecordName));

    internal static void WriteText(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Creates the directory.</summary>
    internal void Create()
    {
        try
        {
            Disk.CreateFolder(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(Path, e);
        }
    }

    /// <summary>Creates its folders and checks before training that the run can be written. The caller holds the lock.</summary>
    /// <param name="neededBytes">The bytes that the run will write.</param>
    /// <param name="hasPrompt">Whether a prompt is released.</param>
    /// <param name="hasModel">Whether weights are released.</param>
    internal void Prepare(long neededBytes, bool hasPrompt = true, bool hasModel = false)
    {
        RequireRoom(neededBytes);
        try
        {
            foreach (var folder in Folders.Where(folder => (hasPrompt || folder != Adapter) && (hasModel || folder != Model)))
                Disk.CreateFolder(folder);
            RemoveLeftovers();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(Path, e);
        }
    }

    /// <summary>Removes the temporary files of processes that were killed during a write.</summary>
    internal void RemoveLeftovers()
    {
        foreach (var leftover in Folders.Append(Path).SelectMany(AtomicFile.LeftoversIn).ToList())
            AtomicFile.DeleteQuietly(leftover);
    }

    /// <summary>Checks that the disk has room.</summary>
    /// <param name="neededBytes">The bytes that the run will write.</param>
    /// <param name="isCleared">Whether the files of an earlier run are removed first.</param>
    internal void RequireRoom(long neededBytes, bool isCleared = false)
    {
        var available = new DriveInfo(Path).AvailableFreeSpace + (isCleared ? OwnFiles.Sum(file => new FileInfo(file).Length) : 0);
        if (available < neededBytes)
            throw RunException.DiskFull(Path, available, neededBytes);
    }

    /// <summary>
    /// Bytes that the files of the run may take on the disk of its directory, which need not be there yet; null where the system does not tell.
    /// </summary>
    internal long? AvailableBytes
    {
        get
        {
            try
            {
                var folder = Path;
                while (!Directory.Exists(folder) && System.IO.Path.GetDirectoryName(folder) is { } parent)
                    folder = parent;
                return new DriveInfo(folder).AvailableFreeSpace + OwnFiles.Sum(file => new FileInfo(file).Length);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
    }

    /// <summary>Removes the checkpoint. What cannot be removed stays, which hurts nothing but the room on the disk.</summary>
    internal void DropCheckpoint()
    {
        try
        {
            if (Directory.Exists(In("checkpoint")))
                Disk.DeleteFolder(In("checkpoint"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Whether <see cref="Clear"/> would remove files although no record marks the directory as a run.</summary>
    /// <exception cref="RunException">A folder cannot be listed.</exception>
    internal bool HoldsFilesWithoutRecord => !File.Exists(Record)
        && (new[] { Events, Metrics, Prompt, PromptRows }.Any(File.Exists) || Folders.Where(Directory.Exists).Any(HoldsFiles));

    /// <summary>Removes the files of an earlier run and no other files.</summary>
    internal void Clear()
    {
        Disk.Delete(State); // first: without it the record speaks for the run
        ClearAllButRecord();
        if (File.Exists(Record))
            Disk.Delete(Record); // last: it marks the other files as a run's
    }

    /// <summary>Removes the run. Its record says first that it is none any more; a damaged one claims nothing. The caller holds the lock.</summary>
    internal void Remove()
    {
        Disk.Delete(State);
        try
        {
            if (File.Exists(Record))
                (RunRecord.Read(this) with { Status = RunStatus.Running, Result = null, Files = null, IsReplacing = true }).Write(this);
        }
        catch (RunException)
        {
            // damaged
        }

        Clear();
        RemoveLeftovers();
    }

    /// <summary>
    /// Replaces an earlier run by a new one that has no files yet. The record changes first, so that it never claims files that are gone, and says
    /// that the others are not this run's, so that it never continues from the earlier checkpoint.
    /// </summary>
    /// <param name="record">The record of the new run.</param>
    internal void Replace(RunRecord record)
    {
        if (OwnFiles.Any())
            (record with { IsReplacing = true }).Write(this);
        ClearAllButRecord();
        record.Write(this);
    }

    private void ClearAllButRecord()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
            Disk.DeleteFolder(folder);
        foreach (var file in new[] { Events, Metrics, Prompt, PromptRows }.Where(File.Exists))
            Disk.Delete(file);
    }

    private bool HoldsFiles(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(file => !file.EndsWith(".tmp", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(Path, e);
        }
    }

    private IEnumerable<string> OwnFiles => Folders.Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        .Concat(new[] { Events, Metrics, Prompt, PromptRows }.Where(File.Exists));

    private string[] Folders => [Adapter, Model, In("predictions"), In("checkpoint")];

    private string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);
}
