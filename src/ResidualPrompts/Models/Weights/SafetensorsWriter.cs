using System.Buffers.Binary;
using System.Text.Json;
using ResidualPrompts.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>Writes safetensors files: atomically, and the same bytes for the same tensors in whatever order they are given.</summary>
public static class SafetensorsWriter
{
    /// <summary>The alignment of the data: the largest element, so that every tensor can be used where the file is mapped.</summary>
    private const int Alignment = 8;

    private const string FormatKey = "format";
    private const string Format = "pt";

    /// <summary>
    /// Writes the tensors, each in its own type and in row-major order, from any device and with any strides. The file appears whole or not at
    /// all: a reader, and a mapping, of the old file stays valid. Its metadata always says <c>"format": "pt"</c>, without which
    /// older Python libraries refuse it. Memory: at most one tensor is copied at a time, and only if it is not contiguous on the CPU.
    /// </summary>
    /// <param name="path">The file to make or replace; its folder must exist.</param>
    /// <param name="tensors">The tensors by key; float64, float32, float16, bfloat16, int64, int32, uint8 or bool.</param>
    /// <param name="metadata">More text for the header.</param>
    /// <exception cref="CheckpointException">A tensor has another type, a key or text cannot be stored, or the file cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var (key, tensor) in tensors)
        {
            Check(path, key, tensor);
        }

        Write(path, tensors.ToDictionary(pair => pair.Key, pair => new TensorSource(pair.Value.dtype, pair.Value.shape, () => pair.Value)), metadata);
    }

    /// <summary>Writes tensors that are made one after another, in the order in which they stand in the file, and disposed at once.</summary>
    internal static void Write(string path, IReadOnlyDictionary<string, TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Types with large elements first: then everything before a tensor is a multiple of its element's size.
        var ordered = tensors
            .OrderByDescending(pair => pair.Value.ElementType.ElementSize())
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .ToList();
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

    private static void Check(string path, string key, Tensor tensor)
    {
        if (key == SafetensorsHeader.MetadataKey)
        {
            throw CheckpointException.CannotStore(path, key, "the key", "a name of a tensor", "the name that the format keeps for its metadata");
        }

        CheckText(path, key, "the key", key);
        if (!SafetensorsElementType.IsKnown(tensor.dtype))
        {
            throw CheckpointException.CannotStore(path, key, "the element type", $"one of {SafetensorsElementType.Names}", $"{tensor.dtype}");
        }

        if (tensor.is_sparse)
        {
            throw CheckpointException.CannotStore(path, key, "the layout", "a dense tensor (call to_dense)", "a sparse one");
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
                var end = begin + tensor.Shape.Aggregate((long)tensor.ElementType.ElementSize(), (product, size) => product * size);
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

/// <summary>A tensor that is made when it is written.</summary>
/// <param name="ElementType">Its type.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Make">Makes it.</param>
internal sealed record TensorSource(ScalarType ElementType, long[] Shape, Func<Tensor> Make);
