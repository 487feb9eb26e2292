using System.Text;
using TorchSharp;
using static ResidualPrompts.Models.Weights.ErrorText;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>
/// A file of torch.save, opened for reading: a zip archive of a pickle, <c>data.pkl</c>, that describes the tensors, and of their storages. It
/// holds one tensor or a state dict (names and tensors). <see cref="Unpickler"/> reads the pickle and runs nothing. Tensors are
/// copies: they outlive this object, as with <see cref="SafetensorsFile"/>.
/// <example>
/// <code>
/// using var file = TorchFile.Open("encoder.pt");
/// using var rows = file.Read(file.Root ?? throw …);
/// </code>
/// </example>
/// </summary>
internal sealed class TorchFile : IDisposable
{
    private const string PickleName = "data.pkl";

    /// <summary>A tensor takes about 200 bytes of the pickle; a larger pickle does not belong to a model.</summary>
    private const int LargestPickle = 100_000_000;

    private readonly StoredBytes _file;
    private readonly ZipDirectory _directory;
    private readonly string _folder;

    private TorchFile(string path, StoredBytes file)
    {
        Path = path;
        _file = file;
        _directory = ZipDirectory.IsZip(file) ? ZipDirectory.Read(path, file) : throw CheckpointException.NoZip(path, file);
        _folder = FindFolder();
        Pickle = ReadPickle();
        var root = new Unpickler(path, Pickle).Read();
        Root = root as TorchTensor;
        Entries = Root is null ? StateDict(root) : [];
        foreach (var tensor in Entries.Select(entry => entry.Value).Append(Root).OfType<TorchTensor>())
        {
            CheckStorage(tensor.Storage);
        }
    }

    /// <summary>The path, as given to <see cref="Open(string)"/>.</summary>
    public string Path { get; }

    /// <summary>The size of the file in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>The tensor, if the file holds only one; null if it holds a state dict.</summary>
    public TorchTensor? Root { get; }

    /// <summary>The tensors of the state dict, in order; empty if the file holds one tensor.</summary>
    public IReadOnlyList<KeyValuePair<string, TorchTensor>> Entries { get; }

    /// <summary>The bytes of the archive's directory and of the pickle: sizes, checksums and names of the whole content.</summary>
    public (byte[] Directory, byte[] Pickle) Description => (_directory.Bytes, Pickle);

    private byte[] Pickle { get; }

    /// <summary>Opens a file and checks everything that describes its tensors.</summary>
    /// <exception cref="CheckpointException">
    /// The file is unreadable or incomplete, has the format before PyTorch 1.6, or holds anything but tensors.
    /// </exception>
    public static TorchFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Open(path, () => StoredBytes.Open(path));
    }

    /// <summary>As <see cref="Open(string)"/>, for the bytes of a file that were read before.</summary>
    internal static TorchFile Of(string path, byte[] content) => Open(path, () => StoredBytes.Of(content));

    private static TorchFile Open(string path, Func<StoredBytes> open)
    {
        StoredBytes file;
        try
        {
            file = open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotRead(path, exception);
        }

        try
        {
            return new TorchFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor, on the CPU, contiguous, in the stored type, without gradient.</summary>
    /// <returns>The tensor; the caller or the current dispose scope disposes it.</returns>
    public Tensor Read(TorchTensor tensor)
    {
        var (storage, elementType) = (tensor.Storage, tensor.Storage.ElementType);
        if (tensor.Shape.Contains(0))
        {
            return zeros(tensor.Shape, dtype: elementType);
        }

        // libtorch accepts only the bytes 0 and 1 as booleans; as a number, any other byte is also true or false.
        var storedType = elementType == ScalarType.Bool ? ScalarType.Byte : elementType;
        if (elementType != ScalarType.Bool && IsContiguous(tensor))
        {
            return _file.View(elementType, tensor.Shape, Entry(storage).Begin + (tensor.Offset * elementType.ElementSize()));
        }

        using var elements = _file.View(storedType, [storage.Count], Entry(storage).Begin);

        // as_strided counts its offset from the start of the mapping, in which the storage begins somewhere.
        using var view = elements.as_strided(tensor.Shape, tensor.Strides, elements.storage_offset() + tensor.Offset);
        if (elementType == ScalarType.Bool)
        {
            using var contiguous = view.contiguous();
            return contiguous.to_type(ScalarType.Bool);
        }

        return view.is_contiguous() ? view.clone() : view.contiguous();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Checks after reading that nothing changed the file since it was opened.</summary>
    internal void CheckUnchanged() => _file.CheckUnchanged();

    private static bool IsContiguous(TorchTensor tensor)
    {
        var expected = 1L;
        for (var dimension = tensor.Shape.Length - 1; dimension >= 0; dimension--)
        {
            if (tensor.Shape[dimension] != 1 && tensor.Strides[dimension] != expected)
            {
                return false;
            }

            expected *= tensor.Shape[dimension];
        }

        return true;
    }

    private string FindFolder()
    {
        // The folder has the name of the saved file, or "archive".
        var folders = _directory.Entries.Keys
            .Where(name => name.EndsWith("/" + PickleName, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - PickleName.Length - 1)
            .Select(name => name[..^PickleName.Length])
            .ToList();
        return folders.Count == 1
            ? folders[0]
            : throw CheckpointException.InvalidTorchFile(
                Path, "the zip archive", $"one FOLDER/{PickleName}, as torch.save writes it",
                $"{folders.Count} of them among {_directory.Entries.Count} entries");
    }

    private byte[] ReadPickle()
    {
        if (_directory.Entries.TryGetValue(_folder + "byteorder", out var order) && order.Length <= 16)
        {
            var name = Encoding.ASCII.GetString(_file.Copy(order.Begin, (int)order.Length)).Trim();
            if (name != "little")
            {
                throw CheckpointException.InvalidTorchFile(Path, "the byte order", "little", Quote(name));
            }
        }

        var pickle = _directory.Entries[_folder + PickleName];
        return pickle.Length <= LargestPickle
            ? _file.Copy(pickle.Begin, (int)pickle.Length)
            : throw CheckpointException.InvalidTorchFile(Path, $"the size of {PickleName}", $"at most {LargestPickle} bytes", $"{pickle.Length}");
    }

    private List<KeyValuePair<string, TorchTensor>> StateDict(object? root)
    {
        if (root is not PickleDictionary dictionary)
        {
            throw CheckpointException.InvalidTorchFile(Path, "the content", "a tensor or a dict of tensors", "something else");
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<KeyValuePair<string, TorchTensor>>();
        foreach (var (key, value) in dictionary.Items)
        {
            if (key is not string name || !keys.Add(name))
            {
                throw CheckpointException.InvalidTorchFile(
                    Path, "the dict of tensors", "names, each once", key is string twice ? $"{Quote(twice)} twice" : "another key");
            }

            entries.Add(new(name, value as TorchTensor
                ?? throw CheckpointException.InvalidTorchFile(
                    Path, $"the value of {Quote(name)}", "a tensor", value is PickleDictionary ? "a dict" : "something else")));
        }

        return entries;
    }

    private ZipEntry Entry(TorchStorage storage) => _directory.Entries[StorageName(storage)];

    private string StorageName(TorchStorage storage) => $"{_folder}data/{storage.Key}";

    private void CheckStorage(TorchStorage storage)
    {
        if (!_directory.Entries.TryGetValue(StorageName(storage), out var entry))
        {
            throw CheckpointException.InvalidTorchFile(
                Path, "the zip archive", $"the entry {Quote(StorageName(storage))}, which the pickle names", "none");
        }

        var elementSize = storage.ElementType.ElementSize();
        if (storage.Count > entry.Length / elementSize)
        {
            throw CheckpointException.InvalidTorchFile(
                Path, $"the entry {Quote(entry.Name)}", $"{storage.Count} elements of {elementSize} bytes", $"{entry.Length} bytes");
        }
    }
}
