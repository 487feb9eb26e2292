using System.Text;
using ResidualPrompts.Files;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// Reads and writes one floating-point array in NumPy's <c>.npy</c> format, the format of published soft prompts. Pickled arrays are never read.
/// </summary>
internal static class NpyFile
{
    /// <summary>The data begins at a multiple of this number, as in NumPy's files, so that it can be mapped.</summary>
    private const int Alignment = 64;

    /// <summary>Reads versions 1.0 to 3.0 with little-endian float32, float64 or float16 elements in C order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="floatingType">The floating-point type to convert to; null keeps the stored type.</param>
    /// <returns>The array as a tensor on the CPU, independent of the file; the caller or the current dispose scope disposes it.</returns>
    /// <exception cref="NpyException">The file is unreadable or invalid, or holds another kind of array.</exception>
    public static Tensor Read(string path, ScalarType? floatingType = ScalarType.Float32)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (floatingType is { } wanted && !SafetensorsElementType.IsFloating(wanted))
        {
            throw new ArgumentException($"{wanted} is not a floating-point type.", nameof(floatingType));
        }

        return Read(path, () => StoredBytes.Open(path), floatingType);
    }

    /// <summary>As <see cref="Read(string, ScalarType?)"/>, for the bytes of a file that were read before.</summary>
    internal static Tensor Of(string path, byte[] content) => Read(path, () => StoredBytes.Of(content), ScalarType.Float32);

    private static Tensor Read(string path, Func<StoredBytes> open, ScalarType? floatingType)
    {
        using var file = Opened(path, open);
        var header = NpyHeader.Read(path, file);
        using var stored = file.View(header.ElementType, header.Shape, header.DataBegin);
        file.CheckUnchanged(); // numpy.save writes the file in place
        return stored.to(floatingType ?? header.ElementType, copy: true);
    }

    /// <summary>Writes version 1.0 with little-endian float32 elements in C order, atomically.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="tensor">A floating-point tensor on any device and with any strides; other floating-point types are converted to float32.</param>
    /// <exception cref="NpyException">The tensor is not floating-point, or the file cannot be written.</exception>
    public static void Write(string path, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tensor);
        if (!SafetensorsElementType.IsFloating(tensor.dtype))
        {
            throw NpyException.NotFloating(path, $"{tensor.dtype}");
        }

        using var scope = NewDisposeScope();
        var elements = tensor.detach().to(ScalarType.Float32);
        try
        {
            AtomicFile.Write(path, stream =>
            {
                stream.Write(Header(elements.shape));
                TensorBytes.Write(stream, elements);
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NpyException.CannotWrite(path, exception);
        }
    }

    /// <summary>The bytes of the file that a tensor of this shape makes.</summary>
    internal static long SizeOf(params long[] shape) =>
        Header(shape).Length + shape.Aggregate((long)sizeof(float), (product, size) => product * size);

    private static StoredBytes Opened(string path, Func<StoredBytes> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NpyException.CannotRead(path, exception);
        }
    }

    private static byte[] Header(long[] shape)
    {
        const int PrefixSize = 10;
        var tuple = shape.Length == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
        var dictionary = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple}, }}";
        var size = (PrefixSize + dictionary.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var text = dictionary.PadRight(size - PrefixSize - 1) + '\n';
        return [.. NpyHeader.Magic, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. Encoding.ASCII.GetBytes(text)];
    }
}
