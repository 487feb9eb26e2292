using static ResidualPrompts.Models.Weights.ErrorText;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// A checkpoint (a safetensors file, or shards and their index) is unreadable, cannot be written, is damaged, or lacks expected content.
/// </summary>
public sealed class CheckpointException : InputException
{
    private CheckpointException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static CheckpointException CannotRead(string path, Exception inner) =>
        new(ProblemKind.Inaccessible,
            $"Cannot read the checkpoint '{path}': {inner.Message.TrimEnd('.')}. Give a safetensors file, or a folder that holds one.", inner);

    internal static CheckpointException CannotWrite(string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"Cannot write '{path}': {inner.Message.TrimEnd('.')}. The file that was there, if any, is unchanged.", inner);

    internal static CheckpointException CannotConvert(string path, string target, Exception inner) =>
        new(ProblemKind.Inaccessible,
            $"Cannot convert '{path}' to safetensors in '{target}': {inner.Message.TrimEnd('.')}. "
            + $"Free some space there, or set XDG_CACHE_HOME to a folder that can be written.", inner);

    internal static CheckpointException NoCheckpoint(string folder, IEnumerable<string> expected) =>
        new(ProblemKind.Missing,
            $"The folder '{folder}' holds no checkpoint: expected one of {string.Join(", ", expected)}, found none. "
            + $"Give the folder of a downloaded or saved model.");

    internal static CheckpointException InvalidFile(string path, string problem, string expected, string found, Exception? inner = null) =>
        new(ProblemKind.Damaged,
            $"'{path}' is not a valid safetensors file: {problem}: expected {expected}, found {found}. Download or convert it again.", inner);

    internal static CheckpointException InvalidEntry(string path, string key, string problem, string expected, string found) =>
        new(ProblemKind.Damaged,
            $"'{path}' is not a valid safetensors file: {problem} of the tensor {Quote(key)}: expected {expected}, found {found}. "
            + $"Download or convert it again.");

    internal static CheckpointException InvalidIndex(string path, string problem, string expected, string found, Exception? inner = null) =>
        new(ProblemKind.Damaged,
            $"The shard index '{path}' is not valid: {problem}: expected {expected}, found {found}. Download or convert the checkpoint again.",
            inner);

    internal static CheckpointException InvalidTorchFile(string path, string problem, string expected, string found) =>
        new(ProblemKind.Damaged,
            $"'{path}' is not a file of tensors that torch.save wrote: {problem}: expected {expected}, found {found}. Download or save it again.");

    internal static CheckpointException ForeignGlobal(string path, string name) =>
        new(ProblemKind.Unsupported,
            $"'{path}' is not read: its pickle refers to {Quote(name)}, which tensors do not need and which may run code when Python loads "
            + $"the file. Expected nothing but tensors and their names: save the state dict alone, or use safetensors.");

    internal static CheckpointException NoZip(string path, StoredBytes file)
    {
        ReadOnlySpan<byte> legacy = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9];
        return file.Length > legacy.Length && file.Copy(0, legacy.Length).AsSpan().SequenceEqual(legacy)
            ? new(ProblemKind.Unsupported,
                $"'{path}' is in the format that torch.save wrote before PyTorch 1.6, which is not read: expected its zip format. "
                + $"Load it in PyTorch and save it again, or use safetensors.")
            : InvalidTorchFile(path, "the start", "a zip archive", $"other bytes in a file of {file.Length}");
    }

    internal static CheckpointException UnknownKey(string path, string key, IReadOnlyCollection<string> keys) =>
        new(ProblemKind.Missing,
            $"'{path}' holds no tensor {Quote(key)}: "
            + $"expected one of its {keys.Count} keys ({List([.. keys.Order(StringComparer.Ordinal).Select(Quote)])}).");

    internal static CheckpointException ShardMissing(string index, string shard) =>
        new(ProblemKind.Missing,
            $"The shard index '{index}' names {Quote(shard)}, but there is no such file in its folder. Download the checkpoint again.");

    internal static CheckpointException KeyNotInShard(string index, string key, string shard) =>
        new(ProblemKind.Damaged,
            $"The shard index '{index}' says that the tensor {Quote(key)} is in {Quote(shard)}, but that file does not hold it. "
            + $"Download the checkpoint again.");

    internal static CheckpointException KeyInTwoShards(string key, string first, string second) =>
        new(ProblemKind.Damaged,
            $"The tensor {Quote(key)} is in two shards of one checkpoint: expected one, found '{first}' and '{second}'. "
            + $"Keep the shards of one checkpoint only.");

    internal static CheckpointException AliasesDiffer(string path, string key, string first, string second) =>
        new(ProblemKind.Damaged,
            $"'{path}' holds the tensor {Quote(key)} twice, as {Quote(first)} and as {Quote(second)}: expected equal contents, "
            + $"found different ones. Remove the wrong one, or use a model that does not tie them.");

    internal static CheckpointException DoesNotFit(
        string path, IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> misshapen)
    {
        var lines = new List<string> { $"The checkpoint '{path}' does not fit the model:" };
        Add("missing", missing);
        Add("unexpected", unexpected);
        Add("misshapen", misshapen);
        return new(ProblemKind.Mismatch, MessageText.Lines("\n", [.. lines, "Use the config.json that belongs to this checkpoint."]));

        void Add(string kind, IReadOnlyCollection<string> items)
        {
            if (items.Count > 0)
            {
                lines.Add($"  {kind} ({items.Count}): {List(items)}");
            }
        }
    }

    internal static CheckpointException CannotStore(string path, string key, string problem, string expected, string found) =>
        new(ProblemKind.Invalid, $"Cannot write the tensor {Quote(key)} to '{path}': {problem}: expected {expected}, found {found}.");
}
