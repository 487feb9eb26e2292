using System.Text.Json;

namespace ResidualPrompts.Data;

/// <summary>One row of a data set, with accessors that name the row when something is wrong. Rows of every format become the same: an object of fields.</summary>
public sealed class Example
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };
    private readonly string _source;
    private readonly JsonElement _json;

    private Example(string source, long number, int index, JsonElement json) => (_source, Number, Index, _json) = (source, number, index, json);

    /// <summary>Line number in its file, from 1.</summary>
    public long Number { get; }

    /// <summary>Place among the rows of its file, from 0.</summary>
    public int Index { get; }

    /// <summary>Reads JSON Lines; blank lines are passed over.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">What to call them in messages.</param>
    /// <exception cref="DataException">A line is not a JSON object.</exception>
    public static IEnumerable<Example> FromJsonLines(IEnumerable<TextLine> lines, string source)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return lines.Where(line => !string.IsNullOrWhiteSpace(line.Text)).Select((line, index) => FromJson(line, index, source));
    }

    /// <summary>Makes a row of named cells.</summary>
    /// <param name="cells">Text of each field.</param>
    /// <param name="number">Line number from 1.</param>
    /// <param name="index">Place among the rows, from 0.</param>
    /// <param name="source">What to call the file in messages.</param>
    public static Example FromCells(IReadOnlyDictionary<string, string> cells, long number, int index, string source) =>
        new(source, number, index, JsonSerializer.SerializeToElement(cells));

    private static Example FromJson(TextLine line, int index, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(line.Text, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw DataException.AtLine(source, line.Number, $"expected a JSON object, found {Kind(document.RootElement)}");
            return new Example(source, line.Number, index, document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw DataException.AtLine(source, line.Number, $"not valid JSON: {e.Message}");
        }
    }

    /// <summary>Whether the object has a field that is not null.</summary>
    /// <param name="field">The field.</param>
    public bool Has(string field) => Find(field) is { ValueKind: not JsonValueKind.Null };

    /// <summary>A field as text: a text as it is, a number as written, a Boolean as true or false.</summary>
    /// <param name="field">The field; dots reach into nested objects, <c>target.span1_text</c>.</param>
    /// <exception cref="DataException">It is missing, null, an array or an object.</exception>
    public string Value(string field)
    {
        var value = Find(field) ?? throw MissingField(field);
        return value.ValueKind switch
        {
            JsonValueKind.String => Text(field),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => throw Problem($"'{field}' is {Kind(value)}, expected a text, a number or a Boolean"),
        };
    }

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
        var value = Find(field) ?? throw MissingField(field);
        return value.ValueKind == kind ? value : throw Problem($"'{field}' is {Kind(value)}, expected {expected}");
    }

    private JsonElement? Find(string field)
    {
        if (_json.TryGetProperty(field, out var direct))
            return direct;
        var value = _json;
        foreach (var part in field.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
                return null;
        }

        return value;
    }

    private DataException MissingField(string field) =>
        Problem($"no field '{field}'; the row has {string.Join(", ", _json.EnumerateObject().Select(property => $"'{property.Name}'").DefaultIfEmpty("no fields"))}");
}
