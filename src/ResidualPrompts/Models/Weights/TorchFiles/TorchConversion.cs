using System.Globalization;
using System.Security.Cryptography;
using ResidualPrompts.Files;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>
/// Converts a state dict saved by torch.save into a safetensors file, once, in the user's cache. Tied weights are written once; the metadata maps
/// their other names to the written name, as the safetensors library for PyTorch does.
/// </summary>
internal static class TorchConversion
{
    private const string Folder = "converted";

    /// <summary>Key of the metadata with the digests of all tensors, in the order of their names.</summary>
    private const string SumsKey = "residual-prompts sums";

    /// <summary>Maximum size of all tensors relative to the file. Views of one storage may overlap, but a model's barely do.</summary>
    private const long LargestGrowth = 4;

    /// <summary>Returns the path of the converted file, and the names that it holds under another name (name → name in the file).</summary>
    /// <exception cref="CheckpointException">The file is unreadable, holds no state dict, or cannot be converted.</exception>
    public static (string Path, IReadOnlyDictionary<string, string> Aliases) Convert(string path)
    {
        using var file = TorchFile.Open(path);
        if (file.Root is not null)
        {
            throw CheckpointException.InvalidTorchFile(path, "the content", "a dict of a model's tensors", "one tensor");
        }

        var (stored, aliases) = WithoutAliases(file);
        var converted = Path.Combine(UserCache.Folder, Folder, Key(file) + ".safetensors");
        if (!IsWhole(converted, stored))
        {
            Write(file, stored, aliases, converted);
            try
            {
                file.CheckUnchanged();
            }
            catch (FileException)
            {
                Disk.Delete(converted);
                throw;
            }
        }

        return (converted, aliases);
    }

    private static (Dictionary<string, TorchTensor> Stored, Dictionary<string, string> Aliases) WithoutAliases(TorchFile file)
    {
        var stored = new Dictionary<string, TorchTensor>(StringComparer.Ordinal);
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        var ofStorage = file.Entries.ToLookup(entry => (entry.Value.Storage, entry.Value.Offset));
        foreach (var (key, tensor) in file.Entries)
        {
            var first = ofStorage[(tensor.Storage, tensor.Offset)].First(other => other.Value.IsSameView(tensor)).Key;
            if (first == key)
            {
                stored.Add(key, tensor);
            }
            else
            {
                aliases.Add(key, first);
            }
        }

        return (stored, aliases);
    }

    /// <summary>
    /// A name for the content that needs no full read: the archive's directory holds size and checksum of every storage. The file's time is included
    /// because PyTorch can omit the checksums.
    /// </summary>
    private static string Key(TorchFile file)
    {
        var info = File.ResolveLinkTarget(file.Path, returnFinalTarget: true) as FileInfo ?? new FileInfo(file.Path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(file.Description.Directory);
        hash.AppendData(file.Description.Pickle);
        hash.AppendData(BitConverter.GetBytes(info.Length));
        hash.AppendData(BitConverter.GetBytes(info.LastWriteTimeUtc.Ticks));
        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool IsWhole(string converted, Dictionary<string, TorchTensor> stored)
    {
        if (!File.Exists(converted))
        {
            return false;
        }

        try
        {
            using var file = SafetensorsFile.Open(converted);
            return file.Entries.Count == stored.Count
                && file.Entries.All(
                    entry => stored.TryGetValue(entry.Key, out var tensor) && tensor.Shape.AsSpan().SequenceEqual(entry.Value.Dimensions)
                        && tensor.Storage.ElementType == entry.Value.ElementType)
                && file.Metadata.GetValueOrDefault(SumsKey) == Sums(stored.Keys, key => file.Read(key, floatingType: null));
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    /// <summary>Names and shapes say nothing of the content: a block that was changed or exchanged on the disk must not be believed.</summary>
    private static string Sums(IEnumerable<string> keys, Func<string, Tensor> read) =>
        string.Join(' ', keys.Order(StringComparer.Ordinal).Select(key =>
        {
            using var tensor = read(key);
            return TensorBytes.Hash(tensor).ToString("x16", CultureInfo.InvariantCulture);
        }));

    private static void Write(TorchFile file, Dictionary<string, TorchTensor> stored, Dictionary<string, string> aliases, string converted)
    {
        Int128 size = 0;
        foreach (var tensor in stored.Values)
        {
            size += TensorBytes.Count(tensor.Storage.ElementType, tensor.Shape)!.Value;
        }

        var most = LargestGrowth * file.Length;
        if (size > most)
        {
            throw CheckpointException.InvalidTorchFile(file.Path, "the tensors", $"at most {most} bytes", $"{size}, because they overlap");
        }

        using var scope = NewDisposeScope();
        var tensors = stored.ToDictionary(
            pair => pair.Key, pair => new TensorSource(pair.Value.Storage.ElementType, pair.Value.Shape, () => file.Read(pair.Value)));
        try
        {
            Disk.CreateFolder(Path.GetDirectoryName(converted)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotConvert(file.Path, converted, exception);
        }

        try
        {
            // The sums are in the file's header, so the tensors are read twice, once in the life of a conversion.
            var sums = KeyValuePair.Create(SumsKey, Sums(stored.Keys, key => file.Read(stored[key])));
            SafetensorsWriter.Write(converted, tensors, aliases.Where(pair => pair.Key is not ("format" or SumsKey)).Append(sums).ToDictionary());
        }
        catch (CheckpointException exception) when (exception.InnerException is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotConvert(file.Path, converted, exception.InnerException);
        }
    }
}
