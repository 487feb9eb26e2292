using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The header of a safetensors file: eight bytes with the length N of the JSON (little-endian), then N bytes
/// <c>{"key": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {text: text}}</c>, then the data without gaps.
/// Source: the format's description, https://huggingface.co/docs/safetensors. Nothing in the file is trusted.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The key under which free text is stored instead of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Bytes of the length in front of the JSON.</summary>
    public const int PrefixSize = 8;

    /// <summary>The size of <c>{}</c>.</summary>
    private const int SmallestSize = 2;

    /// <summary>The format's own limit on N.</summary>
    private const int LargestSize = 100_000_000;

    /// <summary>libtorch's limit on dimensions.</summary>
    private const int LargestRank = 64;

    private readonly string path;
    private readonly Dictionary<string, SafetensorsEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path, long dataBegin)
    {
        this.path = path;
        DataBegin = dataBegin;
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Where the data begins in the file.</summary>
    public long DataBegin { get; }

    public static SafetensorsHeader Read(string path, MappedFile file)
    {
        if (file.Length < PrefixSize + SmallestSize)
        {
            throw CheckpointException.InvalidFile(path, "the file is too short", $"at least {PrefixSize + SmallestSize} bytes", $"{file.Length}");
        }

        var size = BinaryPrimitives.ReadUInt64LittleEndian(file.Copy(0, PrefixSize));
        var largest = (ulong)Math.Min(LargestSize, file.Length - PrefixSize);
        if (size < SmallestSize || size > largest)
        {
            throw CheckpointException.InvalidFile(
                path, "the length of the header in the first 8 bytes", $"{SmallestSize} to {largest} (the file has {file.Length} bytes)", $"{size}");
        }

        var header = new SafetensorsHeader(path, PrefixSize + (long)size);
        header.Parse(file.Copy(PrefixSize, (int)size));
        header.CheckLayout(file.Length - header.DataBegin);
        return header;
    }

    private void Parse(byte[] json)
    {
        if (!Utf8.IsValid(json))
        {
            throw CheckpointException.InvalidFile(path, "the header", "UTF-8", "other bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw CheckpointException.InvalidFile(path, "the header", "a JSON object", $"{document.RootElement.ValueKind}");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                {
                    ParseMetadata(property.Value);
                }
                else
                {
                    entries.Add(property.Name, ParseEntry(property.Name, property.Value));
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped lone surrogate, which is JSON but no text.
            throw CheckpointException.InvalidFile(path, "the header", "JSON without double keys", ErrorText.Quote(exception.Message), exception);
        }
    }

    private void ParseMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw CheckpointException.InvalidFile(path, MetadataKey, "an object of strings", $"{value.ValueKind}");
        }

        foreach (var property in value.EnumerateObject())
        {
            metadata.Add(property.Name, property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw CheckpointException.InvalidFile(
                    path, $"the value of {ErrorText.Quote(property.Name)} in {MetadataKey}", "a string", $"{property.Value.ValueKind}"));
        }
    }

    private SafetensorsEntry ParseEntry(string key, JsonElement value)
    {
        const string Fields = "an object of exactly dtype, shape and data_offsets";
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(key, "the description", Fields, $"{value.ValueKind}");
        }

        if (value.GetPropertyCount() != 3
            || !value.TryGetProperty("dtype", out var type)
            || !value.TryGetProperty("shape", out var shapeField)
            || !value.TryGetProperty("data_offsets", out var offsetsField))
        {
            throw Invalid(key, "the description", Fields, ErrorText.List([.. value.EnumerateObject().Select(field => ErrorText.Quote(field.Name))]));
        }

        var typeName = type.ValueKind == JsonValueKind.String ? type.GetString()! : $"{type.ValueKind}";
        var elementType = SafetensorsElementType.Find(typeName)
            ?? throw Invalid(key, "the dtype", $"one of {SafetensorsElementType.Names}", ErrorText.Quote(typeName));

        var shape = ParseIntegers(key, "the shape", shapeField);
        var offsets = ParseIntegers(key, "data_offsets", offsetsField);
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Invalid(key, "data_offsets", "[begin, end] with begin not above end", ErrorText.Shape(offsets));
        }

        if (TensorBytes.Count(elementType, shape) is not long byteCount)
        {
            throw Invalid(key, "the shape", "a size that 64 bits can count", ErrorText.Shape(shape));
        }

        return byteCount == offsets[1] - offsets[0]
            ? new SafetensorsEntry(key, elementType, shape, offsets[0], offsets[1])
            : throw Invalid(key, "the size", $"{byteCount} bytes for {ErrorText.Shape(shape)} of {typeName}", $"{offsets[1] - offsets[0]}");
    }

    private long[] ParseIntegers(string key, string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Invalid(key, field, "an array of integers", $"{value.ValueKind}");
        }

        if (value.GetArrayLength() > LargestRank)
        {
            throw Invalid(key, field, $"at most {LargestRank} integers", $"{value.GetArrayLength()}");
        }

        var integers = new long[value.GetArrayLength()];
        var count = 0;
        foreach (var item in value.EnumerateArray())
        {
            // TryGetInt64 takes no fraction, exponent or overflow: 1.0 and 1e3 are refused.
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out integers[count]) || integers[count] < 0)
            {
                throw Invalid(key, field, "integers from 0 to 2^63 - 1, written without fraction or exponent", ErrorText.Quote(item.GetRawText()));
            }

            count++;
        }

        return integers;
    }

    /// <summary>The tensors must cover the data from its first to its last byte, each byte once.</summary>
    private void CheckLayout(long dataLength)
    {
        var covered = 0L;
        foreach (var entry in entries.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataLength)
            {
                throw Invalid(entry.Key, "data_offsets", $"an end of at most {dataLength}, the bytes behind the header", $"[{entry.Begin}, {entry.End}]");
            }

            if (entry.Begin != covered)
            {
                var problem = entry.Begin < covered ? "data_offsets (they overlap another tensor's)" : "data_offsets (there is a gap before them)";
                throw Invalid(entry.Key, problem, $"a begin of {covered}, where the tensor before ends", $"[{entry.Begin}, {entry.End}]");
            }

            covered = entry.End;
        }

        if (covered != dataLength)
        {
            throw CheckpointException.InvalidFile(path, "bytes behind the last tensor", $"the file to end at {DataBegin + covered}", $"{DataBegin + dataLength} bytes");
        }
    }

    private CheckpointException Invalid(string key, string problem, string expected, string found) =>
        CheckpointException.InvalidEntry(path, key, problem, expected, found);
}
