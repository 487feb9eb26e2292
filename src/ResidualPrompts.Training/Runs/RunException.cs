using ResidualPrompts.Data;

namespace ResidualPrompts.Runs;

/// <summary>A run directory cannot be created, used or resumed.</summary>
public sealed class RunException : InputException
{
    private const int MostListed = 5;

    private RunException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    /// <summary>Whether another process has the run: nothing is wrong with it.</summary>
    internal bool IsHeld { get; private init; }

    internal static RunException Exists(string directory) =>
        new(ProblemKind.Conflict, $"'{directory}' exists.")
        {
            Remedies = [new Remedy.Resume(), new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    internal static RunException StudyExists(string file) =>
        new(ProblemKind.Conflict, $"'{file}' exists.")
        {
            Remedies = [new Remedy.Overwrite(), new Remedy.SetSetting("output")],
        };

    internal static RunException NotARun(string directory) =>
        new(
            ProblemKind.Missing,
            $"'{ShownText.Value(directory)}' is not a run directory: expected a folder with {RunDirectory.RecordName}, as written by 'train'."
                + $"{(RunsIn(directory) is { Length: > 0 } runs ? $" It holds the runs {runs}." : NearestPath.Hint(directory))}");

    /// <summary>The first runs and studies in a folder, by name.</summary>
    private static string RunsIn(string folder)
    {
        try
        {
            string[] runs = !Directory.Exists(folder) ? []
                : [.. Directory.EnumerateDirectories(folder)
                    .Where(path => RunDirectory.Is(path) || File.Exists(Path.Combine(path, RunDirectory.StudyName)))
                    .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).Take(MostListed + 1)];
            return string.Join(", ", runs.Take(MostListed)) + (runs.Length > MostListed ? ", …" : "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    internal static RunException NotWritable(string directory, Exception inner) =>
        new(ProblemKind.Inaccessible, $"'{directory}' cannot be written: {inner.Message}", inner);

    internal static RunException DiskFull(string directory, long available, long needed) =>
        new(
            ProblemKind.Inaccessible,
            $"'{directory}' has {available / 1e6:0} MB free, but the run needs {needed / 1e6:0} MB.")
        {
            Remedies = [new Remedy.Act("free some space"), new Remedy.SetSetting("save_dir")],
        };

    internal static RunException Locked(string directory, string holder) =>
        new(ProblemKind.Conflict, $"'{directory}' is in use by {holder}.")
        {
            Remedies = [new Remedy.Act("wait for it"), new Remedy.SetSetting("save_name")],
            IsHeld = true,
        };

    internal static RunException LockLost(string directory, string? holder) =>
        new(
            ProblemKind.Conflict,
            $"'{directory}' is no longer this process's, so nothing more is written: its lock was "
                + $"{(holder is null ? "removed" : $"taken over by {holder}")}.")
        {
            Remedies = [new Remedy.Resume()],
            IsHeld = holder is not null,
        };

    internal static RunException Changed(string directory, IEnumerable<string> keys, string? reason = null) =>
        new(ProblemKind.Conflict,
            $"'{directory}' was begun with other settings: {string.Join(", ", keys)} changed.{(reason is null ? "" : $" {reason}")}")
        {
            Remedies =
            [
                new Remedy.Act($"resume with the settings of {RunDirectory.RecordName}"),
                new Remedy.Overwrite(),
                new Remedy.SetSetting("save_name"),
            ],
        };

    internal static RunException ScheduleFixesLength(string directory, string schedule) =>
        new(
            ProblemKind.Conflict,
            $"'{directory}' cannot change its length: with schedule {schedule} every learning rate depends on it. Only a constant schedule can.")
        {
            Remedies = [new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    internal static RunException StepsAreDone(string directory, long done, long wanted) =>
        new(ProblemKind.Conflict, $"'{directory}' has done {done} steps, so it cannot end after {wanted}.")
        {
            Remedies = [new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    internal static RunException EvaluationsChange(string directory, string before, string after, Remedy.SetSetting keep) =>
        new(ProblemKind.Conflict, $"'{directory}' was evaluated {before} so far, but a run of this length and these settings is evaluated {after}.")
        {
            Remedies = [keep, new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    /// <summary>A run that cannot continue, since its weights were trained and the checkpoint was not kept.</summary>
    /// <param name="directory">The run.</param>
    /// <param name="aim">What it was to become or get, after "cannot".</param>
    internal static RunException CheckpointNotKept(string directory, string aim) =>
        new(
            ProblemKind.Missing,
            $"'{directory}' cannot {aim}: it trained weights of the model, whose checkpoint stays only with keep_checkpoint.")
        {
            Remedies = [new Remedy.SetSetting("keep_checkpoint", "true", Hint: "you train it again"), new Remedy.SetSetting("save_name")],
        };

    internal static RunException CheckpointIsGone(string directory, string aim) =>
        new(ProblemKind.Missing, $"'{directory}' cannot {aim}: its checkpoint is missing.")
        {
            Remedies = [new Remedy.Act("put the file back"), new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    internal static RunException CheckpointOfEarlierVersion(string directory) =>
        new(
            ProblemKind.Unsupported,
            $"'{directory}' cannot change its length: the earlier version that finished it put the closing evaluation into its checkpoint.")
        {
            Remedies = [new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    internal static RunException Damaged(string path, string reason) =>
        new(ProblemKind.Damaged, $"{path} is damaged: {reason.TrimEnd('.')}.")
        {
            Remedies = [new Remedy.Act("put the file back"), new Remedy.Act("train the run again")],
        };

    internal static RunException DamagedStudy(string path, string reason) =>
        new(ProblemKind.Damaged, $"{path} is damaged: {reason.TrimEnd('.')}.")
        {
            Remedies = [new Remedy.Act("put the file back"), new Remedy.Act("make the study of its runs again")],
        };

    /// <summary>The same, to a command that can start over what the file belongs to.</summary>
    internal static RunException DamagedState(string path, string reason) =>
        new(ProblemKind.Damaged, $"{path} is damaged: {reason.TrimEnd('.')}.")
        {
            Remedies = [new Remedy.Overwrite()],
        };

    internal static RunException Unreadable(string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"{path} cannot be read: {inner.Message}", inner);

    internal static RunException NotFinished(string directory, string status) =>
        new(ProblemKind.Missing, $"The run '{directory}' is {status}, not finished.")
        {
            Remedies = [new Remedy.Act("finish its training")],
        };

    internal static RunException NotWhole(string directory, string problem) =>
        new(ProblemKind.Damaged, $"'{directory}' is not the finished run that {RunDirectory.RecordName} says it is: {problem}.")
        {
            Remedies = [new Remedy.Act("put the file back"), new Remedy.Overwrite(), new Remedy.SetSetting("save_name")],
        };

    internal static RunException NeedsFinish(string directory, string problem) =>
        new(ProblemKind.Damaged, $"'{directory}' is not the finished run that {RunDirectory.RecordName} says it is: {problem}.")
        {
            Remedies = [new Remedy.Act("put the file back"), new Remedy.Act("resume its training")],
        };

    internal static RunException NotChosen(string directory, string reason) =>
        new(ProblemKind.Missing, $"The best setting cannot be chosen: '{directory}' {reason}.");

    internal static RunException NoSplit(string directory, DataSplit split) =>
        new(ProblemKind.Missing, $"The data of '{directory}' has no {split.Name()} split.");

    internal static RunException NeedsFields(string directory) =>
        new(
            ProblemKind.Invalid,
            $"The task of '{directory}' has a text of several fields: give rows with these fields as .jsonl, .csv or .tsv instead of plain text.");

    internal static RunException NeedsIds(string directory) =>
        new(ProblemKind.Invalid, $"'{directory}' was trained on token ids: give rows with input_ids as .jsonl.");

    internal static RunException NoRecord(string directory) =>
        new(ProblemKind.Conflict, $"'{directory}' has files with the names of a run's files, but no {RunDirectory.RecordName}.")
        {
            Remedies = [new Remedy.Act("move them away"), new Remedy.SetSetting("save_name")],
        };

    internal static RunException TaskOfCode(string directory) =>
        new(
            ProblemKind.Missing,
            $"The task of '{directory}' was made by code and is not in {RunDirectory.RecordName}: give the same task when the run is opened.");

    internal static RunException NeedsData(string directory) =>
        new(ProblemKind.Missing, $"'{directory}' was trained on rows in memory, which are not saved: give data or rows for the evaluation.");

    internal static RunException NoValidation(string run) =>
        new(ProblemKind.Missing, $"{run} has no validation result: there were no validation rows, given or held out.");

    internal static RunException NotWritten() => new(
        ProblemKind.Unsupported, $"The run is in memory: train it with a save_name before it predicts into a file that can be resumed.");

    internal static RunException OtherLabels(string directory, string task, IEnumerable<string> found, IEnumerable<string> expected) =>
        new(
            ProblemKind.Mismatch,
            $"'{directory}' has learned to write {string.Join(", ", expected)}, but the labels of task {task} are {string.Join(", ", found)}.");

    internal static RunException NotTogether(string directory, string reason) =>
        new(ProblemKind.Mismatch, $"'{directory}' cannot predict together with other runs: it {reason}.")
        {
            Remedies = [new Remedy.Act("use each run alone")],
        };

    internal static RunException OtherRows(string directory, string other, DataSplit split) =>
        new(
            ProblemKind.Mismatch,
            $"The {split.Name()} rows of '{directory}' and '{other}' are not the same: "
                + $"what one run held out may have trained the other.")
        {
            Remedies = [new Remedy.SetSetting("split", "test"), new Remedy.SetSetting("data", Hint: "rows that none was trained on")],
        };

    internal static RunException IsStudy(string directory) =>
        new(ProblemKind.Conflict, $"'{directory}' is a study of several seeds, and a single run is not written into it.")
        {
            Remedies = [new Remedy.SetSetting("save_name")],
        };

    internal static RunException IsRun(string directory) =>
        new(ProblemKind.Conflict, $"'{directory}' is a run, and a study of several seeds is not made inside of one.")
        {
            Remedies = [new Remedy.SetSetting("save_name")],
        };

    internal static RunException NotOneStudy(string run, string first, IEnumerable<string> differing) =>
        new(
            ProblemKind.Mismatch,
            $"The runs of a study differ in their seeds alone, but '{run}' and '{first}' differ in {string.Join(", ", differing)}.");

    internal static RunException Repeated(string run) =>
        new(ProblemKind.Invalid, $"'{run}' repeats the settings and seeds of another run: a study has each seed once.");

    internal static RunException MemberMissing(string study, string run) =>
        new(ProblemKind.Missing, $"The study '{study}' has the run '{ShownText.Value(Path.GetFileName(run))}', which is not begun or was removed.")
        {
            Remedies = [new Remedy.Act("resume the study's training"), new Remedy.Act("put the run back")],
        };

    internal static RunException MemberDiffers(string study, string run, IEnumerable<string> keys) =>
        new(
            ProblemKind.Conflict,
            $"The run '{ShownText.Value(Path.GetFileName(run))}' of the study '{study}' was not trained with the study's {string.Join(", ", keys)}.")
        {
            Remedies = [new Remedy.Act("resume the study's training"), new Remedy.Act("use the runs one by one")],
        };

    internal static RunException StudyIsReplaced(string study) =>
        new(ProblemKind.Conflict, $"The study '{study}' is being replaced, and its earlier runs are not removed yet.")
        {
            Remedies = [new Remedy.Act("resume its training")],
        };

    internal static RunException NotAStudy(string path) =>
        new(ProblemKind.Missing, $"'{path}' is not a study: expected a folder with {RunDirectory.StudyName}, as written by training several seeds."
            + $"{NearestPath.Hint(path)}");

    internal static RunException NoSeed(string study, long seed, IEnumerable<long> seeds) =>
        new(ProblemKind.Missing, $"The study '{study}' has {(seeds.Contains(seed) ? "several runs" : "no run")} with seed {seed}; "
                + $"its seeds are {string.Join(", ", seeds)}.");

    internal static RunException OutputExists(string path) =>
        new(ProblemKind.Conflict, $"'{path}' exists.")
        {
            Remedies = [new Remedy.Resume(), new Remedy.Overwrite(), new Remedy.SetSetting("output")],
        };

    internal static RunException OutputWithoutRecord(string path, string record) =>
        new(ProblemKind.Conflict, $"'{path}' exists, but '{record}' with its progress does not.")
        {
            Remedies = [new Remedy.Overwrite(), new Remedy.SetSetting("output")],
        };

    internal static RunException OutputIsGone(string path, string record) =>
        new(ProblemKind.Missing, $"'{record}' says that '{path}' was begun, but that file is missing.")
        {
            Remedies = [new Remedy.Overwrite()],
        };

    internal static RunException OutputDiffers(string path, string record) =>
        new(ProblemKind.Damaged, $"'{record}' says that '{path}' is finished, but it or its file of bad rows has been changed or cut off since.")
        {
            Remedies = [new Remedy.Act("put the file back"), new Remedy.Overwrite(), new Remedy.SetSetting("output")],
        };

    internal static RunException OutputKind(string path, IEnumerable<string> extensions) =>
        new(
            ProblemKind.Unsupported,
            $"'{path}' is not a supported output: expected {string.Join(", ", extensions)}, found '{ShownText.Value(Path.GetExtension(path))}'.");

    internal static RunException OutputIsInput(string path) =>
        new(ProblemKind.Conflict, $"'{path}' is the input itself.")
        {
            Remedies = [new Remedy.SetSetting("output")],
        };

    internal static RunException OutputInUse(string path) =>
        new(ProblemKind.Conflict, $"'{path}' is being written by another process.")
        {
            Remedies = [new Remedy.Act("wait for it"), new Remedy.SetSetting("output")],
        };

    internal static RunException NotAgain(string path) =>
        new(ProblemKind.Unsupported, $"'{path}' cannot be read twice, which writing predictions into a file needs.")
        {
            Remedies = [new Remedy.Act("redirect standard output instead")],
        };

    internal static RunException OutputChanged(string path, IEnumerable<string> keys) =>
        new(ProblemKind.Conflict, $"'{path}' was begun with another {string.Join(", ", keys)}.")
        {
            Remedies = [new Remedy.Act("put back what changed"), new Remedy.Overwrite(), new Remedy.SetSetting("output")],
        };

    /// <summary>The rows of a split are others than the run had.</summary>
    /// <param name="directory">The run.</param>
    /// <param name="splits">The splits.</param>
    /// <param name="resumes">Whether the run was to be continued, so that it could be started over instead.</param>
    internal static RunException OtherRows(string directory, IEnumerable<DataSplit> splits, bool resumes = false) =>
        new(
            ProblemKind.Mismatch,
            $"The {string.Join(" and ", splits.Select(split => split.Name()))} rows of '{directory}' are not the ones that it had before.")
        {
            Remedies = resumes
                ? [new Remedy.Act("put the data back"), new Remedy.Overwrite(), new Remedy.SetSetting("save_name")]
                : [new Remedy.Act("put the data back"), new Remedy.SetSetting("data", Hint: "the rows to score")],
        };

    internal static RunException OtherData(string directory) =>
        new(ProblemKind.Mismatch, $"The data of '{directory}' has changed since the run was trained (its files have other digests).")
        {
            Remedies = [new Remedy.Act("put the data back"), new Remedy.SetSetting("input", Hint: "rows to predict")],
        };
}
