using System.Text.Json;
using System.Text.Unicode;
using ResidualPrompts.Files;
using static ResidualPrompts.Models.Weights.ErrorText;

namespace ResidualPrompts.Models.Weights;

/// <summary>The index of a checkpoint with several files: <c>{"weight_map": {key: file in the same folder}}</c>.</summary>
internal static class ShardIndex
{
    /// <summary>An index has about 100 bytes per tensor; a larger file is not an index.</summary>
    private const int LargestSize = 100_000_000;

    /// <summary>Reads the shard of each key; every shard must be a bare file name.</summary>
    /// <exception cref="CheckpointException">The index is unreadable or invalid.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        var json = ReadBytes(path);
        if (!Utf8.IsValid(json))
        {
            throw CheckpointException.InvalidIndex(path, "the text", "UTF-8", "other bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(json, JsonFormats.Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
            {
                throw CheckpointException.InvalidIndex(path, "the structure", "an object with an object weight_map", "something else");
            }

            var shards = map.EnumerateObject().ToDictionary(entry => entry.Name, entry => ShardName(path, entry), StringComparer.Ordinal);
            return shards.Count > 0 ? shards : throw CheckpointException.InvalidIndex(path, "weight_map", "at least one tensor", "none");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped lone surrogate, which is valid JSON but not valid text.
            throw CheckpointException.InvalidIndex(path, "the text", "JSON without double keys", Quote(JsonProblem.Of(exception)), exception);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= LargestSize
                ? PlainFile.Read(path, LargestSize)
                : throw CheckpointException.InvalidIndex(path, "the size", $"at most {LargestSize} bytes", $"{length}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotRead(path, exception);
        }
    }

    /// <summary>Accepts bare names only: an index from elsewhere must not lead out of its folder, on any operating system.</summary>
    private static string ShardName(string path, JsonProperty entry)
    {
        var name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
        return name is "" or "." or ".." || name.AsSpan().ContainsAny(['/', '\\', ':', '\0'])
            ? throw CheckpointException.InvalidIndex(
                path, $"the shard of {Quote(entry.Name)}", "the name of a file in the same folder", Quote(entry.Value.GetRawText()))
            : name;
    }
}
