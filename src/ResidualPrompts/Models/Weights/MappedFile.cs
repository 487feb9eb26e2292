using System.Runtime.InteropServices;
using ResidualPrompts.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// A file of our own cache mapped into memory, private and copy-on-write: writing to a tensor on it never changes the file. libtorch owns the mapping
/// and counts its users, so it lives until this object and the last tensor on it are disposed. The file is replaced only by renaming another over it;
/// a program that shortens a mapped file in place ends every process that uses it.
/// </summary>
internal sealed class MappedFile : StoredBytes
{
    private readonly Tensor _bytes;
    private bool _disposed;

    private MappedFile(Tensor bytes, long length)
        : base(length) => _bytes = bytes;

    /// <summary>Maps a file of at least one byte.</summary>
    /// <exception cref="IOException">The file is missing, a folder, empty or unreadable; the message is the reason, without the path.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="FileException">It is not a plain file.</exception>
    public static new MappedFile Open(string path)
    {
        RequireFile(path);
        long length;
        using (var stream = PlainFile.Open(path))
        {
            length = stream.Length > 0 ? stream.Length : throw Empty();
        }

        try
        {
            // The mapping belongs to this object, not to a dispose scope that happens to be open.
            return new MappedFile(from_file(path, shared: false, size: length, dtype: ScalarType.Byte, device: CPU).DetachFromDisposeScope(), length);
        }
        catch (ExternalException exception)
        {
            throw new IOException(exception.Message.Split('\n')[0], exception);
        }
    }

    /// <summary>Copies <paramref name="count"/> bytes from <paramref name="begin"/>; all must lie in the file.</summary>
    public override byte[] Copy(long begin, int count)
    {
        using var part = _bytes.narrow(0, begin, count);
        return part.bytes.ToArray();
    }

    /// <summary>
    /// Returns a tensor on the bytes from <paramref name="begin"/>, without a copy if <paramref name="begin"/> is a multiple of the element size,
    /// else on a copy. All bytes must lie in the file. The tensor is not a view of another tensor, so it can be trained, written to and disposed
    /// like any other.
    /// </summary>
    public override Tensor View(ScalarType elementType, long[] shape, long begin)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var elementSize = elementType.ElementSize();
        var (offset, remainder) = Math.DivRem(begin, elementSize);
        if (remainder == 0)
        {
            return Reinterpret(_bytes, elementType, shape, offset);
        }

        var byteCount = shape.Aggregate((long)elementSize, (product, size) => product * size);
        using var part = _bytes.narrow(0, begin, byteCount);
        using var copy = part.clone();
        return Reinterpret(copy, elementType, shape, 0);
    }

    public override void Dispose()
    {
        _disposed = true;
        _bytes.Dispose();
    }

    /// <summary>
    /// `set_` takes storage, sizes, strides and offset from the given tensor and keeps its own element type. So a byte view with sizes and offset
    /// counted in elements becomes the wanted tensor; libtorch checks it against the storage's size.
    /// </summary>
    private static Tensor Reinterpret(Tensor storage, ScalarType elementType, long[] shape, long elementOffset)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var dimension = shape.Length - 1; dimension >= 0; dimension--)
        {
            strides[dimension] = stride;
            stride *= Math.Max(1, shape[dimension]);
        }

        using var layout = storage.as_strided(shape, strides, elementOffset);
        return empty(0, dtype: elementType, device: CPU).set_(layout);
    }
}
