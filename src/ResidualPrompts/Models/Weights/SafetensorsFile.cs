using ResidualPrompts.Files;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// A safetensors file, opened for reading. Opening reads only its header, so it is fast for any size. Tensors may be written to (the file never
/// changes) and outlive this object. They are copies, unless the file was opened by <see cref="Map"/>.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly StoredBytes _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string path, StoredBytes file, SafetensorsHeader header)
    {
        Path = path;
        _file = file;
        _header = header;
    }

    /// <summary>The path, as given to <see cref="Open(string)"/>.</summary>
    public string Path { get; }

    /// <summary>The tensors by key.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The texts in <c>__metadata__</c>; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its whole header.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="CheckpointException">The file is unreadable or invalid.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Open(path, () => StoredBytes.Open(path));
    }

    /// <summary>
    /// Opens a file of our own cache, and maps it: tensors of the stored type are read without a copy, and processes share their memory. While the
    /// object or a tensor from it lives, the file may only be replaced by renaming another over it.
    /// </summary>
    /// <exception cref="CheckpointException">The file is unreadable or invalid.</exception>
    internal static SafetensorsFile Map(string path) => Open(path, () => MappedFile.Open(path));

    /// <summary>As <see cref="Open(string)"/>, for the bytes of a file that were read before.</summary>
    internal static SafetensorsFile Of(string path, byte[] content) => Open(path, () => StoredBytes.Of(content));

    private static SafetensorsFile Open(string path, Func<StoredBytes> open)
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
            return new SafetensorsFile(path, file, SafetensorsHeader.Read(path, file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor, on the CPU, without gradient.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="floatingType">
    /// The floating-point type to convert to if the stored one differs (by one copy); null keeps the stored types. Integers and booleans are never
    /// converted.
    /// </param>
    /// <returns>The tensor, with the shape <see cref="SafetensorsEntry.Shape"/>; the caller or the current dispose scope disposes it.</returns>
    /// <exception cref="CheckpointException">There is no such key.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public Tensor Read(string key, ScalarType? floatingType = ScalarType.Float32)
    {
        if (floatingType is { } wanted && !SafetensorsElementType.IsFloating(wanted))
        {
            throw new ArgumentException($"{wanted} is not a floating-point type.", nameof(floatingType));
        }

        var entry = Entry(key);
        var begin = _header.DataBegin + entry.Begin;
        if (entry.ElementType == ScalarType.Bool)
        {
            // libtorch accepts only the bytes 0 and 1 as booleans; as a number, any other byte is also true or false.
            using var stored = _file.View(ScalarType.Byte, entry.Dimensions, begin);
            return stored.to_type(ScalarType.Bool);
        }

        var tensor = _file.View(entry.ElementType, entry.Dimensions, begin);
        if (!entry.IsFloating || floatingType is not { } type || type == entry.ElementType)
        {
            return tensor;
        }

        using (tensor)
        {
            return tensor.to_type(type);
        }
    }

    /// <summary>Closes the file. A mapping stays as long as tensors that were read from it are alive.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Checks after reading that nothing changed the file since it was opened.</summary>
    /// <exception cref="FileException">Its size or its time is another one.</exception>
    internal void CheckUnchanged() => _file.CheckUnchanged();

    /// <summary>Whether two tensors, perhaps of two files, have the same type, shape and bytes (so that a NaN equals itself).</summary>
    internal static bool HaveEqualContents(SafetensorsFile firstFile, string firstKey, SafetensorsFile secondFile, string secondKey)
    {
        const int BlockSize = 1 << 24;
        var (first, second) = (firstFile.Entry(firstKey), secondFile.Entry(secondKey));
        if (first.ElementType != second.ElementType || !first.Dimensions.AsSpan().SequenceEqual(second.Dimensions))
        {
            return false;
        }

        if (firstFile == secondFile && first.Begin == second.Begin)
        {
            return true;
        }

        var byteCount = first.End - first.Begin;
        for (var begin = 0L; begin < byteCount; begin += BlockSize)
        {
            var count = (int)Math.Min(BlockSize, byteCount - begin);
            if (!firstFile._file.Copy(firstFile._header.DataBegin + first.Begin + begin, count).AsSpan()
                .SequenceEqual(secondFile._file.Copy(secondFile._header.DataBegin + second.Begin + begin, count)))
            {
                return false;
            }
        }

        return true;
    }

    private SafetensorsEntry Entry(string key) =>
        Entries.TryGetValue(key, out var entry) ? entry : throw CheckpointException.UnknownKey(Path, key, [.. Entries.Keys]);
}
