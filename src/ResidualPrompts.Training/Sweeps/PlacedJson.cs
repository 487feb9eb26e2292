using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;

namespace ResidualPrompts.Sweeps;

/// <summary>A value of a JSON text that a person wrote, with its place. Comments and trailing commas are allowed.</summary>
/// <param name="Kind">The kind of value.</param>
/// <param name="Line">The line in which it begins, from 1.</param>
/// <param name="Column">The character in the line, from 1.</param>
/// <param name="Path">Its JSON path, such as <c>groups.plain.axes</c>; empty for the whole.</param>
internal sealed record PlacedJson(JsonValueKind Kind, int Line, int Column, string Path)
{
    /// <summary>The members of an object in their order; a key may stand there twice.</summary>
    internal IReadOnlyList<PlacedMember> Members { get; private init; } = [];

    /// <summary>The items of a list.</summary>
    internal IReadOnlyList<PlacedJson> Items { get; private init; } = [];

    /// <summary>A text, number, boolean or null as a node.</summary>
    internal JsonNode? Scalar { get; private init; }

    /// <summary>The value as it may be shown in a message.</summary>
    internal string Shown => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => ShownText.Value(Scalar?.ToJsonString(JsonFormats.IndentedRelaxed) ?? "null"),
    };

    /// <summary>A problem at this place.</summary>
    internal SweepProblem Problem(string message) => new(Line, Column, Path, message);

    /// <summary>Parses a text.</summary>
    /// <param name="json">The text in UTF-8.</param>
    /// <exception cref="JsonException">It is not JSON, or not sound.</exception>
    internal static PlacedJson Parse(byte[] json)
    {
        var options = JsonFormats.HandWritten with { AllowDuplicateProperties = true }; // they are reported with their places
        using (var document = JsonFile.Document(json, options))
            _ = document;
        var text = json.AsSpan().StartsWith("\uFEFF"u8) ? json.AsSpan(3) : json;
        var reader = new Utf8JsonReader(text, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        });
        var lines = new LineIndex(text);
        reader.Read();
        return Value(ref reader, text, lines, "");
    }

    private static PlacedJson Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, LineIndex lines, string path)
    {
        var (line, column) = lines.PlaceOf(text, (int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<PlacedMember>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = reader.GetString()!;
                    var (keyLine, keyColumn) = lines.PlaceOf(text, (int)reader.TokenStartIndex);
                    reader.Read();
                    var keyPath = path.Length == 0 ? key : $"{path}.{key}";
                    members.Add(new PlacedMember(key, keyLine, keyColumn, Value(ref reader, text, lines, keyPath)));
                }

                return new PlacedJson(JsonValueKind.Object, line, column, path) { Members = members };
            case JsonTokenType.StartArray:
                var items = new List<PlacedJson>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Value(ref reader, text, lines, $"{path}[{items.Count}]"));
                return new PlacedJson(JsonValueKind.Array, line, column, path) { Items = items };
            default:
                var scalar = JsonNode.Parse(ref reader);
                return new PlacedJson(scalar?.GetValueKind() ?? JsonValueKind.Null, line, column, path) { Scalar = scalar };
        }
    }

    /// <summary>Where lines begin, so that a place in bytes becomes one that editors show.</summary>
    private sealed class LineIndex
    {
        private readonly List<int> _starts = [0];

        internal LineIndex(ReadOnlySpan<byte> text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '\n')
                    _starts.Add(i + 1);
            }
        }

        internal (int Line, int Column) PlaceOf(ReadOnlySpan<byte> text, int at)
        {
            var found = _starts.BinarySearch(at);
            var line = found >= 0 ? found : ~found - 1;
            return (line + 1, Encoding.UTF8.GetCharCount(text[_starts[line]..at]) + 1);
        }
    }
}

/// <summary>A member of an object.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Line">The line of the key, from 1.</param>
/// <param name="Column">The character of the key in the line, from 1.</param>
/// <param name="Value">Its value.</param>
internal sealed record PlacedMember(string Key, int Line, int Column, PlacedJson Value)
{
    /// <summary>A problem with the key.</summary>
    internal SweepProblem Problem(string message) => new(Line, Column, Value.Path, message);
}
