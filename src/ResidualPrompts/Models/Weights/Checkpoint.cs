using ResidualPrompts.Files;
using ResidualPrompts.Models.Weights.TorchFiles;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The weights of a saved model: one safetensors file, or several (shards) with an index. Tensors read from it are copies and
/// outlive it. If a folder has no such file, its <c>pytorch_model.bin</c> (or shards) is converted once into the
/// user's cache (<c>$XDG_CACHE_HOME/residual-prompts/converted</c>) and read from there.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    /// <summary>Name of a single file.</summary>
    public const string FileName = "model.safetensors";

    /// <summary>Name of the shards' index.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    /// <summary>Name of PyTorch's file.</summary>
    public const string TorchFileName = "pytorch_model.bin";

    /// <summary>Name of the index of PyTorch's shards.</summary>
    public const string TorchIndexFileName = "pytorch_model.bin.index.json";

    private const long ComparedAtOnce = 1 << 22;
    private static readonly string[] TorchExtensions = [".bin", ".pt", ".pth"];

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOfKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _keyInFile = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> _fileOfPath = new(StringComparer.Ordinal);

    private Checkpoint(string path) => Path = path;

    /// <summary>The path, as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The tensors of all files by key.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>The weight files in a model's folder, of the kind that <see cref="Open"/> reads, so that digests cover the weights in use.</summary>
    internal static IReadOnlyList<string> FilesIn(string folder) =>
        Directory.GetFiles(folder, "model*.safetensors") is { Length: > 0 } files ? files : Directory.GetFiles(folder, "pytorch_model*.bin");

    /// <summary>Opens a checkpoint and checks the headers of all its files.</summary>
    /// <param name="path">
    /// A folder with <see cref="FileName"/>, else with <see cref="IndexFileName"/> and the shards that it names, else with
    /// <see cref="TorchFileName"/>, else with <see cref="TorchIndexFileName"/> and its shards; or a safetensors file, or a state dict saved by
    /// torch.save (.bin, .pt, .pth).
    /// </param>
    /// <exception cref="CheckpointException">
    /// There is no checkpoint, a file is unreadable or invalid, a shard or a key in it is missing, or a key is in two shards.
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
    /// <param name="floatingType">The floating-point type to convert to; null keeps the stored types.</param>
    /// <returns>The tensor; the caller or the current dispose scope disposes it.</returns>
    /// <exception cref="CheckpointException">There is no such key.</exception>
    public Tensor Read(string key, ScalarType? floatingType = ScalarType.Float32) => FileOf(key).Read(_keyInFile[key], floatingType);

    /// <summary>Reads a tensor in its stored type each time it is needed.</summary>
    internal TensorSource SourceOf(string key) =>
        new(_entries[key].ElementType, _entries[key].Dimensions, () => Read(key, floatingType: null));

    /// <summary>Closes the files.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    /// <summary>Checks after reading that nothing changed a file since it was opened: the tensors are those of one version of the model.</summary>
    /// <exception cref="FileException">A file was written in place.</exception>
    internal void CheckUnchanged() => _files.ForEach(file => file.CheckUnchanged());

    /// <summary>Whether two keys hold the same type, shape and bytes.</summary>
    internal bool HaveEqualContents(string first, string second) =>
        SafetensorsFile.HaveEqualContents(FileOf(first), _keyInFile[first], FileOf(second), _keyInFile[second]);

    /// <summary>
    /// Whether two keys hold the same shape and the same values, perhaps in two floating-point types. Values are compared as a model loads them, in
    /// float32, where a NaN equals a NaN.
    /// </summary>
    internal bool HaveEqualValues(string first, string second)
    {
        if (HaveEqualContents(first, second))
            return true;
        var (one, other) = (_entries[first], _entries[second]);
        if (!one.IsFloating || !other.IsFloating || !one.Dimensions.AsSpan().SequenceEqual(other.Dimensions))
            return false;
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var (these, those) = (Read(first, floatingType: null).flatten(), Read(second, floatingType: null).flatten());
        for (var begin = 0L; begin < these.NumberOfElements; begin += ComparedAtOnce)
        {
            using var blockScope = NewDisposeScope();
            var count = Math.Min(ComparedAtOnce, these.NumberOfElements - begin);
            Tensor Values(Tensor all) => all.narrow(0, begin, count).to_type(ScalarType.Float32);
            if (!Values(these).allclose(Values(those), rtol: 0, atol: 0, equal_nan: true))
                return false;
        }

        return true;
    }

    private SafetensorsFile FileOf(string key) =>
        _fileOfKey.TryGetValue(key, out var file) ? file : throw CheckpointException.UnknownKey(Path, key, _entries.Keys);

    private void AddFiles()
    {
        if (!Directory.Exists(Path))
        {
            Add(Path);
            return;
        }

        string[] names = [FileName, IndexFileName, TorchFileName, TorchIndexFileName];
        var name = Array.Find(names, name => File.Exists(System.IO.Path.Combine(Path, name))) ?? throw CheckpointException.NoCheckpoint(Path, names);
        var path = System.IO.Path.Combine(Path, name);
        if (name is IndexFileName or TorchIndexFileName)
        {
            AddShards(path);
        }
        else
        {
            Add(path);
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
            if (!_fileOfKey.TryGetValue(key, out var file) || file != _fileOfPath[ShardPath(shard)])
            {
                throw CheckpointException.KeyNotInShard(index, key, shard);
            }
        }

        string ShardPath(string shard) => System.IO.Path.Combine(Path, shard);
    }

    private void Add(string path)
    {
        var (converted, aliases) = TorchExtensions.Contains(System.IO.Path.GetExtension(path))
            ? TorchConversion.Convert(path)
            : (path, new Dictionary<string, string>());
        var file = SafetensorsFile.Open(converted);
        _files.Add(file);
        _fileOfPath.Add(path, file);
        foreach (var (key, stored) in file.Entries.Keys.Select(key => (key, key)).Concat(aliases.Select(alias => (alias.Key, alias.Value))))
        {
            if (!_fileOfKey.TryAdd(key, file))
            {
                throw CheckpointException.KeyInTwoShards(key, _fileOfKey[key].Path, path);
            }

            _keyInFile.Add(key, stored);
            _entries.Add(key, file.Entries[stored].Named(key));
        }
    }
}
