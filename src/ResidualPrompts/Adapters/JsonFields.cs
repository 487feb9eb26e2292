using System.Text.Json;

namespace ResidualPrompts.Adapters;

/// <summary>Reads fields of a JSON object by key. A null field counts as missing; a value of the wrong kind is reported with its place.</summary>
internal sealed class JsonFields
{
    private const int LongestShown = 60;
    private readonly JsonElement _json;
    private readonly string _path;
    private readonly string _place;

    internal JsonFields(JsonElement json, string path, string place)
    {
        (_json, _path, _place) = (json, path, place);
        if (json.ValueKind != JsonValueKind.Object)
            throw AdapterException.Config(
                path, $"expected a JSON object{(place.Length > 0 ? $" at {place.TrimEnd('.')}" : "")}, found {Shown(json)}");
    }

    internal AdapterException Problem(string key, string problem) => AdapterException.Config(_path, $"{_place}{key} {problem}");

    internal string? Text(string key) => Value(key) is { } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, value, "a text")
        : null;

    internal long? Number(string key, long least, long most = int.MaxValue) => Value(key) is { } value
        ? value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(key, value, least == 1 ? "a whole number of at least 1" : "a whole number")
        : null;

    internal double? Real(string key) => Value(key) is { } value
        ? value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
            : throw Wrong(key, value, "a number")
        : null;

    internal JsonFields? Object(string key) => Value(key) is { } value ? new JsonFields(value, _path, $"{_place}{key}.") : null;

    internal IEnumerable<JsonFields>? Objects(string key) => Value(key) is { } value
        ? value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select((item, i) => new JsonFields(item, _path, $"{_place}{key}[{i}]."))]
            : throw Wrong(key, value, "a list")
        : null;

    private JsonElement? Value(string key) => _json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private AdapterException Wrong(string key, JsonElement value, string expected) => Problem(key, $"is {Shown(value)}, expected {expected}");

    private static string Shown(JsonElement value) => ShownText.Value(value.GetRawText(), LongestShown);
}
