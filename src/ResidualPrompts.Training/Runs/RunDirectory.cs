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

    internal static void WriteText(string path, string text) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        writer.Write(text);
    });

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
        var available = new DriveInfo(Path).AvailableFreeSpace;
        if (available < neededBytes)
            throw RunException.DiskFull(Path, available, neededBytes);
        try
        {
            foreach (var folder in Folders.Where(folder => (hasPrompt || folder != Adapter) && (hasModel || folder != Model)))
                Disk.CreateFolder(folder);
            foreach (var leftover in Folders.Where(Directory.Exists).Append(Path).SelectMany(folder => Directory.EnumerateFiles(folder, ".*.tmp")))
                Disk.Delete(leftover); // left by a process killed during a write
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(Path, e);
        }
    }

    /// <summary>Whether <see cref="Clear"/> would remove files although no record marks the directory as a run.</summary>
    internal bool HoldsFilesWithoutRecord => !File.Exists(Record)
        && (new[] { Events, Metrics, Prompt, PromptRows }.Any(File.Exists)
            || Folders.Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                .Any(file => !file.EndsWith(".tmp", StringComparison.Ordinal)));

    /// <summary>Removes the files of an earlier run and no other files.</summary>
    internal void Clear()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
            Disk.DeleteFolder(folder);
        // The record last: it marks the other files as a run's.
        foreach (var file in new[] { Events, Metrics, Prompt, PromptRows, Record }.Where(File.Exists))
            Disk.Delete(file);
    }

    private string[] Folders => [Adapter, Model, In("predictions"), In("checkpoint")];

    private string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);
}
