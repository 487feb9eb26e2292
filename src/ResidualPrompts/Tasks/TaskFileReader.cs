using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>Reads typed values of a task file; each error names the file and the key.</summary>
internal sealed class TaskFileReader(JsonObject json, string path)
{
    internal string? Text(string key) => json[key] is not { } value ? null : TextOf(value, key);

    internal string[]? List(string key) => json[key] is not { } value ? null
        : value is JsonArray items ? [.. items.Select(item => TextOf(item, key))] : throw Wrong(key, "a list of texts");

    internal Dictionary<string, string[]> Lists(string key) => Object(key) is not { } items ? []
        : items.ToDictionary(
            item => item.Key,
            item => item.Value is JsonArray names ? [.. names.Select(name => TextOf(name, key))] : new[] { TextOf(item.Value, key) });

    internal (string Value, string Word)[]? Pairs(string key) => Object(key)?.Select(item => (item.Key, TextOf(item.Value, key))).ToArray();

    internal Dictionary<DataSplit, string[]> Splits()
    {
        const string Key = "splits";
        string[] names = ["train", "validation", "test"];
        return Lists(Key).ToDictionary(
            item => names.Contains(item.Key)
                ? Enum.Parse<DataSplit>(item.Key, ignoreCase: true)
                : throw Wrong(Key, string.Join(", ", names) + " with names of files"),
            item => item.Value);
    }

    internal T? Choice<T>(string key, string[] choices)
        where T : struct, Enum
    {
        if (Text(key) is not { } text)
            return null;
        return choices.Contains(text)
            ? Enum.GetValues<T>().First(value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()) == text)
            : throw Wrong(key, string.Join(" or ", choices));
    }

    private JsonObject? Object(string key) => json[key] is not { } value ? null : value as JsonObject ?? throw Wrong(key, "an object");

    private string TextOf(JsonNode? value, string key) =>
        value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Wrong(key, "a text");

    private TaskException Wrong(string key, string expected) =>
        TaskException.BadFile(path, $"'{key}' is {ShownText.Value(json[key]?.ToJsonString() ?? "null")}, expected {expected}");
}
