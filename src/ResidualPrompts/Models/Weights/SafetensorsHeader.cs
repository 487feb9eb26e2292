using System.Buffers.Binary;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The header of a safetensors file: eight bytes with the length N of the JSON (little-endian), then N bytes <c>{"key": {"dtype", "shape",
/// "data_offsets": [begin, end]}, "__metadata__": {text: text}}</c>, then the data without gaps. Source: the format's description,
/// https://huggingface.co/docs/safetensors. Nothing in the file is trusted.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The key of free text in place of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Size of the length before the JSON, in bytes.</summary>
    public const int PrefixSize = 8;

    /// <summary>The size of <c>{}</c>.</summary>
    private const int SmallestSize = 2;

    /// <summary>The format's own limit on N.</summary>
    private const int LargestSize = 100_000_000;

    private readonly string _path;

    private SafetensorsHeader(string path, SafetensorsHeaderParser parsed, long dataBegin)
    {
        _path = path;
        Entries = parsed.Entries;
        Metadata = parsed.Metadata;
        DataBegin = dataBegin;
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Offset of the data in the file.</summary>
    public long DataBegin { get; }

    public static SafetensorsHeader Read(string path, StoredBytes file)
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

        var parser = new SafetensorsHeaderParser(path, file.Copy(PrefixSize, (int)size));
        parser.Parse();
        var header = new SafetensorsHeader(path, parser, PrefixSize + (long)size);
        header.CheckLayout(file.Length - header.DataBegin);
        return header;
    }

    /// <summary>Checks that the tensors cover the data from its first to its last byte, each byte once.</summary>
    private void CheckLayout(long dataLength)
    {
        var covered = 0L;
        foreach (var entry in Entries.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataLength)
            {
                throw Invalid(
                    entry.Key, "data_offsets", $"an end of at most {dataLength}, the bytes behind the header", $"[{entry.Begin}, {entry.End}]");
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
            throw CheckpointException.InvalidFile(
                _path, "bytes behind the last tensor", $"the file to end at {DataBegin + covered}", $"{DataBegin + dataLength} bytes");
        }
    }

    private CheckpointException Invalid(string key, string problem, string expected, string found) =>
        CheckpointException.InvalidEntry(_path, key, problem, expected, found);
}
