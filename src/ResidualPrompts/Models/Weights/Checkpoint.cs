using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The weights of a saved model: one safetensors file, or several (shards) with an index. Like <see cref="SafetensorsFile"/> it is
/// mapped into memory, and tensors read from it outlive it.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>The name of the file when there is one.</summary>
    public const string FileName = "model.safetensors";

    /// <summary>The name of the index when there are shards.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    private static readonly string[] PickleNames = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOfKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);

    private Checkpoint(string path) => Path = path;

    /// <summary>The path, as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The tensors of all files by key.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>Opens a checkpoint and checks the headers of all its files.</summary>
    /// <param name="path">
    /// A folder with <see cref="FileName"/> or, failing that, with <see cref="IndexFileName"/> and the shards that it names; or a safetensors file.
    /// </param>
    /// <exception cref="CheckpointException">
    /// There is none, a file cannot be read or is not valid, a shard or a key in it is missing, or a key is in two shards.
    /// </exception>
    public static Checkpoint Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var checkpoint = new Checkpoint(path);
        try
        {
            checkpoint.AddFiles();
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor; see <see cref="SafetensorsFile.Read"/>.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="floatingType">The floating-point type to convert to; null keeps every type as stored.</param>
    /// <returns>The tensor; the caller, or the current dispose scope, disposes it.</returns>
    /// <exception cref="CheckpointException">There is no such key.</exception>
    public Tensor Read(string key, ScalarType? floatingType = ScalarType.Float32) => FileOf(key).Read(key, floatingType);

    /// <summary>Unmaps the files on which no tensor lives any more.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    /// <summary>Whether two keys hold the same type, shape and bytes.</summary>
    internal bool HaveEqualContents(string first, string second) =>
        SafetensorsFile.HaveEqualContents(FileOf(first), first, FileOf(second), second);

    private SafetensorsFile FileOf(string key) =>
        _fileOfKey.TryGetValue(key, out var file) ? file : throw CheckpointException.UnknownKey(Path, key, _entries.Keys);

    private void AddFiles()
    {
        if (!Directory.Exists(Path))
        {
            Add(Path);
            return;
        }

        var file = System.IO.Path.Combine(Path, FileName);
        var index = System.IO.Path.Combine(Path, IndexFileName);
        if (File.Exists(file))
        {
            Add(file);
        }
        else if (File.Exists(index))
        {
            AddShards(index);
        }
        else
        {
            var pickle = Array.Find(PickleNames, name => File.Exists(System.IO.Path.Combine(Path, name)));
            throw CheckpointException.NoCheckpoint(Path, [FileName, IndexFileName], pickle);
        }
    }

    private void AddShards(string index)
    {
        var shardOfKey = ShardIndex.Read(index);
        foreach (var shard in shardOfKey.Values.Distinct().Order(StringComparer.Ordinal))
        {
            if (!File.Exists(ShardPath(shard)))
            {
                throw CheckpointException.ShardMissing(index, shard);
            }

            Add(ShardPath(shard));
        }

        foreach (var (key, shard) in shardOfKey)
        {
            if (!_fileOfKey.TryGetValue(key, out var file) || file.Path != ShardPath(shard))
            {
                throw CheckpointException.KeyNotInShard(index, key, shard);
            }
        }

        string ShardPath(string shard) => System.IO.Path.Combine(Path, shard);
    }

    private void Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (var (key, entry) in file.Entries)
        {
            if (!_fileOfKey.TryAdd(key, file))
            {
                throw CheckpointException.KeyInTwoShards(key, _fileOfKey[key].Path, path);
            }

            _entries.Add(key, entry);
        }
    }
}
