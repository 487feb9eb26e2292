using System.Security.Cryptography;
using System.Text;
using ResidualPrompts.Files;
using ResidualPrompts.Models.T5.Modules;
using ResidualPrompts.Models.Weights;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// Caches prepared weights of large models in files of the user's cache folder, <c>residual-prompts/prepared/DIGEST.safetensors</c>, named by the
/// digest of the original model. Files are mapped, so that all processes share one copy of a model in memory. They are written atomically; a
/// damaged file, or one of another version, is written again. If there is no space, weights are prepared in memory.
/// </summary>
internal static class PreparedWeightCache
{
    private const string SumsKey = "~sums"; // sorts behind all weights, so that it is written when the sums are known
    private const long SmallestModel = 64 << 20;
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>When a file was last added or replaced; the same time as before means that a load found its file or uses none.</summary>
    internal static DateTime LastWrite => Directory.GetLastWriteTimeUtc(Folder);

    private static string Folder => Path.Combine(UserCache.Folder, "prepared");

    /// <summary>
    /// The prepared weights of a checkpoint, from the cache or newly cached; null where the cache cannot be used or is not worthwhile.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="config">The model's config.</param>
    /// <param name="smallest">Minimum size of a cached model in bytes.</param>
    internal static IReadOnlyDictionary<string, Tensor>? Get(string folder, T5Config config, long smallest = SmallestModel)
    {
        var shapes = WeightPreparation.Shapes(config);
        if (shapes.Values.Sum(shape => shape.Aggregate((long)sizeof(float), (product, size) => product * size)) < smallest)
            return null;
        try
        {
            var digest = Digest(folder);
            var path = Path.Combine(Folder, $"{digest}.safetensors");
            if (Read(path, config) is { } cached)
                return cached;
            Write(path, folder, config, () => digest == Digest(folder));
            RemoveUnused();
            return Read(path, config);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            or CheckpointException { InnerException: IOException or UnauthorizedAccessException })
        {
            return null; // no space, or no right to write; the next load reports what is wrong with the model itself
        }
    }

    private static string Digest(string folder)
    {
        var files = Checkpoint.FilesIn(folder).Append(Path.Combine(folder, "config.json")).Order(StringComparer.Ordinal);
        var text = string.Join('\n', files.Select(FileDigests.Of).Append(WeightPreparation.Version));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static Dictionary<string, Tensor>? Read(string path, T5Config config)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var scope = NewDisposeScope();
            using var file = SafetensorsFile.Map(path);
            var shapes = WeightPreparation.Shapes(config.WithOutputLayer(!file.Entries.ContainsKey(T5WeightNames.Output)));
            if (file.Entries.Count != shapes.Count + 1 || !file.Entries.ContainsKey(SumsKey))
                return null;
            var weights = new Dictionary<string, Tensor>();
            foreach (var (key, shape) in shapes)
            {
                if (!file.Entries.TryGetValue(key, out var entry) || entry.ElementType != ScalarType.Float32
                    || !entry.Dimensions.AsSpan().SequenceEqual(shape))
                    return null;
                weights[key] = file.Read(key);
            }

            var sums = file.Read(SumsKey).data<int>().ToArray();
            if (!sums.AsSpan().SequenceEqual(InFileOrder(weights.Keys).AsParallel().AsOrdered().SelectMany(key => Sum(weights[key])).ToArray()))
                return null;
            Disk.Touch(path);
            foreach (var weight in weights.Values)
                weight.MoveToOuterDisposeScope();
            return weights;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    /// <summary>Writes weight after weight; only one is in memory, with those that it is computed from.</summary>
    /// <exception cref="FileException">The model was written in place while it was read.</exception>
    private static void Write(string path, string folder, T5Config config, Func<bool> isUnchanged)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        using var checkpoint = Checkpoint.Open(folder);
        config = T5WeightNames.WithOutputLayerOf(checkpoint, config);
        var stored = T5WeightNames.Layout(config).Resolve(checkpoint);
        var shapes = WeightPreparation.Shapes(config);
        Disk.CreateFolder(Path.GetDirectoryName(path)!);
        var sums = new List<int>();
        var entries = shapes.ToDictionary(pair => pair.Key, pair => new TensorSource(ScalarType.Float32, pair.Value, () =>
        {
            using var weightScope = NewDisposeScope();
            var inputs = WeightPreparation.Inputs(pair.Key).ToDictionary(key => key, key => checkpoint.Read(stored[key]));
            var weight = WeightPreparation.Make(pair.Key, inputs, config);
            sums.AddRange(Sum(weight));
            return weight.MoveToOuterDisposeScope();
        }));
        entries[SumsKey] = new TensorSource(ScalarType.Int32, [2 * shapes.Count], () =>
        {
            // Everything is read now, and the file has no name yet: its name is the digest of these weights.
            checkpoint.CheckUnchanged();
            return isUnchanged() ? tensor(sums.ToArray()) : throw FileException.ChangedWhileRead(folder);
        });
        SafetensorsWriter.Write(path, entries);
    }

    private static IEnumerable<string> InFileOrder(IEnumerable<string> keys) => keys.Order(StringComparer.Ordinal);

    private static int[] Sum(Tensor weight)
    {
        var sum = TensorBytes.Hash(weight);
        return [(int)sum, (int)(sum >> 32)];
    }

    private static void RemoveUnused()
    {
        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles().Where(file => DateTime.UtcNow - file.LastWriteTimeUtc > Unused))
            Disk.Delete(file.FullName);
    }
}
