using ResidualPrompts.Data;

namespace ResidualPrompts.Runs;

/// <summary>A run directory cannot be made, used or continued.</summary>
public sealed class RunException : InputException
{
    private RunException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal static RunException Exists(string directory) =>
        new($"'{directory}' exists: give --resume to go on, --overwrite to start anew, or another --save-name.");

    internal static RunException NotARun(string directory) =>
        new($"'{directory}' is no run directory: expected a folder with {RunDirectory.RecordName}, as 'train' makes it.");

    internal static RunException NotWritable(string directory, Exception inner) => new($"'{directory}' cannot be written: {inner.Message}", inner);

    internal static RunException DiskFull(string directory, long available, long needed) =>
        new($"'{directory}' has {available / 1e6:0} MB free, but the run needs {needed / 1e6:0} MB: free some space, or give another --save-dir.");

    internal static RunException Locked(string directory, string holder) =>
        new($"'{directory}' is in use by {holder}: wait for it, or give another --save-name.");

    internal static RunException Changed(string directory, IEnumerable<string> keys) =>
        new($"'{directory}' was begun with other settings: {string.Join(", ", keys)} changed. Resume with the settings of {RunDirectory.RecordName}, or give --overwrite or another --save-name.");

    internal static RunException Damaged(string path, string reason) => new($"{path} is damaged: {reason.TrimEnd('.')}. Give --overwrite to start anew.");

    internal static RunException NotFinished(string directory, string status) =>
        new($"The run '{directory}' is {status}: finish it with --resume first.");

    internal static RunException NoSplit(string directory, DataSplit split) => new($"The data of '{directory}' has no {split.ToString().ToLowerInvariant()} split.");

    internal static RunException NeedsFields(string directory) =>
        new($"The task of '{directory}' makes its text of several fields: give rows with these fields as .jsonl, .csv or .tsv instead of bare text.");

    internal static RunException NeedsIds(string directory) =>
        new($"'{directory}' was trained on token ids: give rows with input_ids as .jsonl.");

    internal static RunException NoRecord(string directory) =>
        new($"'{directory}' holds files named as a run's, but no {RunDirectory.RecordName} that says what they are: move them away, or give another --save-name.");

    internal static RunException TaskOfCode(string directory) =>
        new($"The task of '{directory}' was made by code and is not in {RunDirectory.RecordName}: give the same task when the run is opened.");

    internal static RunException NeedsData(string directory) =>
        new($"'{directory}' was trained on rows in memory, which are not kept: give data or rows to evaluate it on.");

    internal static RunException NoValidation(string run) =>
        new($"{run} has no validation result: there were no validation rows, and none were held out.");

    internal static RunException NotWritten() => new("The run is in memory: train it with a save_name before it predicts into a file that can be continued.");

    internal static RunException OtherLabels(string directory, string task, IEnumerable<string> found, IEnumerable<string> expected) =>
        new($"'{directory}' has learned to write {string.Join(", ", expected)}, but the labels of task {task} are {string.Join(", ", found)}.");

    internal static RunException OutputExists(string path) =>
        new($"'{path}' exists: give --resume to go on, --overwrite to start anew, or another --output.");

    internal static RunException OutputWithoutRecord(string path, string record) =>
        new($"'{path}' exists, but no '{record}' that says how far it is: give --overwrite to start anew, or another --output.");

    internal static RunException OutputIsGone(string path, string record) =>
        new($"'{record}' says that '{path}' was begun, but it is gone: give --overwrite to start anew.");

    internal static RunException OutputKind(string path, IEnumerable<string> extensions) =>
        new($"'{path}' is no output that can be written: expected {string.Join(", ", extensions)}, found '{Path.GetExtension(path)}'.");

    internal static RunException OutputIsInput(string path) => new($"'{path}' is the input itself: give another --output.");

    internal static RunException OutputInUse(string path) => new($"'{path}' is being written by another process: wait for it, or give another --output.");

    internal static RunException NotAgain(string path) =>
        new($"'{path}' is no file that can be read again, which --output needs: redirect standard output instead.");

    internal static RunException OutputChanged(string path, IEnumerable<string> keys) =>
        new($"'{path}' was begun with another {string.Join(", ", keys)}: put back what changed, or give --overwrite or another --output.");

    internal static RunException OtherData(string directory) =>
        new($"The data of '{directory}' has changed since the run was trained (its files have other digests): put the data back, or use predict with --input.");
}
