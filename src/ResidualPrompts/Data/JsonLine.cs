using System.Text.Json;

namespace ResidualPrompts.Data;

/// <summary>One JSON object of a JSON Lines file, with accessors that name the line when something is wrong.</summary>
public sealed class JsonLine
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };
    private readonly string _source;
    private readonly JsonElement _json;

    private JsonLine(string source, long number, JsonElement json) => (_source, Number, _json) = (source, number, json);

    /// <summary>Line number from 1.</summary>
    public long Number { get; }

    /// <summary>Parses lines; blank ones are passed over.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">What to call them in messages.</param>
    /// <exception cref="DataException">A line is not a JSON object.</exception>
    public static IEnumerable<JsonLine> Parse(IEnumerable<TextLine> lines, string source)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return lines.Where(line => !string.IsNullOrWhiteSpace(line.Text)).Select(line => Parse(line, source));
    }

    /// <summary>Parses one line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="source">What to call its file in messages.</param>
    /// <exception cref="DataException">The line is not a JSON object.</exception>
    public static JsonLine Parse(TextLine line, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(line.Text, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw DataException.AtLine(source, line.Number, $"expected a JSON object, found {Kind(document.RootElement)}");
            return new JsonLine(source, line.Number, document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw DataException.AtLine(source, line.Number, $"not valid JSON: {e.Message}");
        }
    }

    /// <summary>Whether the object has a field that is not null.</summary>
    /// <param name="field">The field.</param>
    public bool Has(string field) => _json.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A text field.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">It is missing or not a text.</exception>
    public string Text(string field)
    {
        var value = Field(field, JsonValueKind.String, "a text");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Problem($"'{field}' holds half of a surrogate pair, which is no character");
        }
    }

    /// <summary>A field of token ids.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">It is missing or not an array of whole numbers.</exception>
    public int[] Ids(string field)
    {
        var value = Field(field, JsonValueKind.Array, "an array of token ids");
        var ids = new int[value.GetArrayLength()];
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out ids[i]))
                throw Problem($"'{field}'[{i}] is {Shown(item)}, expected a token id");
            i++;
        }

        return ids;
    }

    /// <summary>An error about this line.</summary>
    /// <param name="problem">What is wrong, expected and found.</param>
    public DataException Problem(string problem) => DataException.AtLine(_source, Number, problem);

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => Shown(value),
    };

    private static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "…";
    }

    private JsonElement Field(string field, JsonValueKind kind, string expected)
    {
        if (!_json.TryGetProperty(field, out var value))
            throw Problem($"no field '{field}'; the row has {string.Join(", ", _json.EnumerateObject().Select(property => $"'{property.Name}'").DefaultIfEmpty("no fields"))}");
        return value.ValueKind == kind ? value : throw Problem($"'{field}' is {Kind(value)}, expected {expected}");
    }
}
