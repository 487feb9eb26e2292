using System.Buffers.Binary;
using System.Text.Json;
using ResidualPrompts.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>Writes safetensors files, atomically, and with the same bytes for the same tensors in any order.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Alignment of the data: the size of the largest element, so that every tensor can be used where the file is mapped.</summary>
    private const int Alignment = 8;

    private const string FormatKey = "format";
    private const string Format = "pt";

    /// <summary>
    /// Writes tensors, each in its own type and in row-major order, from any device and with any strides. The file is written atomically: readers
    /// and mappings of an old file stay valid. Its metadata always contains <c>"format": "pt"</c>, which older Python libraries require. At most
    /// one tensor at a time is copied, and only if it is not contiguous on the CPU.
    /// </summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="tensors">The tensors by key; float64, float32, float16, bfloat16, int64, int32, uint8 or bool.</param>
    /// <param name="metadata">Further texts for the header.</param>
    /// <exception cref="CheckpointException">A tensor has an unsupported type, a key or text cannot be stored, or the file cannot be
    /// written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        Write(path, Sources(path, tensors), metadata);
    }

    /// <summary>Writes tensors to a stream that the caller makes a file of.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="tensors">The tensors by key.</param>
    internal static void Write(Stream stream, string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var ordered = InOrder(Sources(path, tensors));
        Write(stream, Header(ordered, WithFormat(path, null)), ordered.Select(pair => pair.Value));
    }

    /// <summary>Writes tensors that are computed one after another, in the order of the file, and disposed at once.</summary>
    internal static void Write(string path, IReadOnlyDictionary<string, TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        foreach (var (key, tensor) in tensors)
        {
            Check(path, key, tensor.ElementType);
        }

        var ordered = InOrder(tensors);
        var header = Header(ordered, WithFormat(path, metadata));
        try
        {
            AtomicFile.Write(path, stream => Write(stream, header, ordered.Select(pair => pair.Value)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, exception);
        }
    }

    /// <summary>The bytes of the file that tensors of these types and shapes make; none is computed.</summary>
    internal static long SizeOf(IReadOnlyDictionary<string, TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = InOrder(tensors);
        return Header(ordered, WithFormat("", metadata)).Length + ordered.Sum(pair => SizeOf(pair.Value));
    }

    private static long SizeOf(TensorSource tensor) =>
        tensor.Shape.Aggregate((long)tensor.ElementType.ElementSize(), (product, size) => product * size);

    private static Dictionary<string, TensorSource> Sources(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var (key, tensor) in tensors)
        {
            Check(path, key, tensor.dtype);
            if (tensor.is_sparse)
            {
                throw CheckpointException.CannotStore(path, key, "the layout", "a dense tensor (call to_dense)", "a sparse one");
            }
        }

        return tensors.ToDictionary(pair => pair.Key, pair => new TensorSource(pair.Value.dtype, pair.Value.shape, () => pair.Value));
    }

    /// <summary>Types with large elements come first, so that the size of everything before a tensor is a multiple of its element size.</summary>
    private static List<KeyValuePair<string, TensorSource>> InOrder(IReadOnlyDictionary<string, TensorSource> tensors) =>
    [
        .. tensors.OrderByDescending(pair => pair.Value.ElementType.ElementSize()).ThenBy(pair => pair.Key, StringComparer.Ordinal),
    ];

    private static void Check(string path, string key, ScalarType elementType)
    {
        if (key == SafetensorsHeader.MetadataKey)
        {
            throw CheckpointException.CannotStore(path, key, "the key", "a name of a tensor", "the name that the format keeps for its metadata");
        }

        CheckText(path, key, "the key", key);
        if (!SafetensorsElementType.IsKnown(elementType))
        {
            throw CheckpointException.CannotStore(path, key, "the element type", $"one of {SafetensorsElementType.Names}", $"{elementType}");
        }
    }

    private static SortedDictionary<string, string> WithFormat(string path, IReadOnlyDictionary<string, string>? metadata)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { [FormatKey] = Format };
        foreach (var (name, text) in metadata ?? new Dictionary<string, string>())
        {
            CheckText(path, SafetensorsHeader.MetadataKey, "a metadata name", name);
            CheckText(path, SafetensorsHeader.MetadataKey, "the metadata value", text);
            if (name == FormatKey && text != Format)
            {
                throw new ArgumentException($"The metadata '{FormatKey}' is always '{Format}'; leave it out.", nameof(metadata));
            }

            all[name] = text;
        }

        return all;
    }

    private static void CheckText(string path, string key, string what, string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogatePair(text, index))
            {
                index++;
            }
            else if (char.IsSurrogate(text[index]))
            {
                throw CheckpointException.CannotStore(path, key, what, "Unicode text", $"half of a surrogate pair at index {index}");
            }
        }
    }

    private static byte[] Header(List<KeyValuePair<string, TensorSource>> tensors, SortedDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[SafetensorsHeader.PrefixSize]);
        using (var json = new Utf8JsonWriter(buffer, JsonFormats.Relaxed))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach (var (name, text) in metadata)
            {
                json.WriteString(name, text);
            }

            json.WriteEndObject();
            var begin = 0L;
            foreach (var (key, tensor) in tensors)
            {
                var end = begin + SizeOf(tensor);
                json.WriteStartObject(key);
                json.WriteString("dtype", SafetensorsElementType.NameOf(tensor.ElementType));
                WriteArray(json, "shape", tensor.Shape);
                WriteArray(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        var header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - SafetensorsHeader.PrefixSize));
        return header;
    }

    private static void WriteArray(Utf8JsonWriter json, string name, long[] values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void Write(Stream stream, byte[] header, IEnumerable<TensorSource> tensors)
    {
        stream.Write(header);
        foreach (var tensor in tensors)
        {
            using var scope = NewDisposeScope();
            TensorBytes.Write(stream, tensor.Make());
        }
    }
}

/// <summary>A tensor that is computed when it is written.</summary>
/// <param name="ElementType">Its type.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Make">Computes the tensor.</param>
internal sealed record TensorSource(ScalarType ElementType, long[] Shape, Func<Tensor> Make)
{
    /// <summary>A float32 tensor of which only the size matters.</summary>
    internal static TensorSource OfShape(params long[] shape) =>
        new(ScalarType.Float32, shape, () => throw new InvalidOperationException("This tensor has a size only."));
}
