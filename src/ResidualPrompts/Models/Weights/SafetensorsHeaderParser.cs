using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using static ResidualPrompts.Models.Weights.ErrorText;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// Parses the JSON of a safetensors header in one pass. Memory stays in proportion to the tensors described, and invalid text is refused at its first
/// error. The parser does not check where the tensors lie in the file.
/// </summary>
internal ref struct SafetensorsHeaderParser
{
    private const string EntryFields = "an object of exactly dtype, shape and data_offsets";

    /// <summary>libtorch's limit on dimensions.</summary>
    private const int LargestRank = 64;

    private readonly string _path;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private Dictionary<string, string>? _metadata;
    private Utf8JsonReader _reader;

    public SafetensorsHeaderParser(string path, ReadOnlySpan<byte> json)
    {
        _path = path;
        _reader = Utf8.IsValid(json)
            ? new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 })
            : throw CheckpointException.InvalidFile(_path, "the header", "UTF-8", "other bytes");
    }

    public readonly IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    public readonly IReadOnlyDictionary<string, string> Metadata => _metadata ?? [];

    /// <summary>Parses the whole text.</summary>
    /// <exception cref="CheckpointException">The text is not JSON, or does not describe tensors and metadata.</exception>
    public void Parse()
    {
        try
        {
            _reader.Read();
            Require(JsonTokenType.StartObject, "the header", "a JSON object");
            while (NextKey() is { } key)
            {
                if (_entries.ContainsKey(key) || (key == SafetensorsHeader.MetadataKey && _metadata is not null))
                {
                    throw CheckpointException.InvalidFile(_path, "the header", "every key once", $"{Quote(key)} twice");
                }

                _reader.Read();
                if (key == SafetensorsHeader.MetadataKey)
                {
                    _metadata = ParseMetadata();
                }
                else
                {
                    _entries.Add(key, ParseEntry(key));
                }
            }

            // Fails when anything but white space follows.
            _reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped lone surrogate, which is valid JSON but not valid text.
            throw CheckpointException.InvalidFile(_path, "the header", "JSON", Quote(JsonProblem.Of(exception)), exception);
        }
    }

    private Dictionary<string, string> ParseMetadata()
    {
        Require(JsonTokenType.StartObject, SafetensorsHeader.MetadataKey, "an object of strings");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (NextKey() is { } name)
        {
            _reader.Read();
            Require(JsonTokenType.String, $"the value of {Quote(name)} in {SafetensorsHeader.MetadataKey}", "a string");
            if (!texts.TryAdd(name, _reader.GetString()!))
            {
                throw CheckpointException.InvalidFile(_path, SafetensorsHeader.MetadataKey, "every key once", $"{Quote(name)} twice");
            }
        }

        return texts;
    }

    private SafetensorsEntry ParseEntry(string key)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw Invalid(key, "the description", EntryFields, Found());
        }

        string? typeName = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (NextKey() is { } field)
        {
            _reader.Read();
            switch (field)
            {
                case "dtype" when typeName is null:
                    typeName = _reader.TokenType == JsonTokenType.String
                        ? _reader.GetString()!
                        : throw Invalid(key, "the dtype", $"one of {SafetensorsElementType.Names}", Found());
                    break;
                case "shape" when shape is null:
                    shape = ParseIntegers(key, "the shape");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ParseIntegers(key, "data_offsets");
                    break;
                default:
                    throw Invalid(key, "the description", EntryFields, $"{Quote(field)}, which is another or is there twice");
            }
        }

        return typeName is not null && shape is not null && offsets is not null
            ? Entry(key, typeName, shape, offsets)
            : throw Invalid(key, "the description", EntryFields, "an object without one of them");
    }

    private readonly SafetensorsEntry Entry(string key, string typeName, long[] shape, long[] offsets)
    {
        var elementType = SafetensorsElementType.Find(typeName)
            ?? throw Invalid(key, "the dtype", $"one of {SafetensorsElementType.Names}", Quote(typeName));
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Invalid(key, "data_offsets", "[begin, end] with begin not above end", Shape(offsets));
        }

        var found = offsets[1] - offsets[0];
        var expected = TensorBytes.Count(elementType, shape) ?? throw Invalid(key, "the shape", "a size that 64 bits can count", Shape(shape));
        return expected == found
            ? new SafetensorsEntry(key, elementType, shape, offsets[0], offsets[1])
            : throw Invalid(key, "the size", $"{expected} bytes for {Shape(shape)} of {typeName}", $"{found}");
    }

    private long[] ParseIntegers(string key, string field)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw Invalid(key, field, "an array of integers", Found());
        }

        var integers = new List<long>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            // TryGetInt64 takes no fraction, exponent or overflow: 1.0 and 1e3 are refused.
            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out var integer) || integer < 0)
            {
                throw Invalid(key, field, "integers from 0 to 2^63 - 1, written without fraction or exponent", Found());
            }

            if (integers.Count == LargestRank)
            {
                throw Invalid(key, field, $"at most {LargestRank} integers", "more");
            }

            integers.Add(integer);
        }

        return [.. integers];
    }

    /// <summary>The next key of the current object, or null at its end.</summary>
    private string? NextKey()
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.EndObject ? null : _reader.GetString();
    }

    private readonly void Require(JsonTokenType type, string problem, string expected)
    {
        if (_reader.TokenType != type)
        {
            throw CheckpointException.InvalidFile(_path, problem, expected, Found());
        }
    }

    private readonly string Found() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        _ => Quote(Encoding.UTF8.GetString(_reader.ValueSpan)),
    };

    private readonly CheckpointException Invalid(string key, string problem, string expected, string found) =>
        CheckpointException.InvalidEntry(_path, key, problem, expected, found);
}
