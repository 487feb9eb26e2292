using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ResidualPrompts.Data;

/// <summary>
/// One row of a data set: a JSON object, a row of a Parquet file, or a row of a CSV or TSV file, whose fields are all texts. Errors name the
/// file, the line and the field. A field name may be a dotted path into nested objects: <c>target.span1_text</c>.
/// </summary>
/// <example>
/// <code>
/// foreach (var example in ExampleFile.Read("train.jsonl"))
///     texts.Add(example.Text("sentence"));
/// </code>
/// </example>
public sealed class Example
{
    private const int LongestShownValue = 40;
    private static readonly IReadOnlyDictionary<string, JsonElement> NoNames = new Dictionary<string, JsonElement>();

    private readonly JsonElement _row;

    // Fields that override the row's own: a layout renames fields without copying the row.
    private readonly IReadOnlyDictionary<string, JsonElement> _named;

    // Of a file that counts rows instead of lines: why fields that it has cannot be read; null elsewhere.
    private readonly IReadOnlyDictionary<string, string>? _unreadable;

    /// <param name="row">An object.</param>
    /// <param name="source">The file.</param>
    /// <param name="line">Line or row number from 1.</param>
    /// <param name="index">Index of the row, from 0.</param>
    /// <param name="unreadable">
    /// Of a file that counts rows instead of lines: why fields that it has cannot be read, by name; asking for one is an error. Null elsewhere.
    /// </param>
    internal Example(JsonElement row, string source, long line, int index, IReadOnlyDictionary<string, string>? unreadable = null)
        : this(row, NoNames, source, line, index, unreadable)
    {
    }

    private Example(
        JsonElement row, IReadOnlyDictionary<string, JsonElement> named, string source, long line, int index,
        IReadOnlyDictionary<string, string>? unreadable) =>
        (_row, _named, Source, Line, Index, _unreadable) = (row, named, source, line, index, unreadable);

    /// <summary>The file, or another name of the input.</summary>
    public string Source { get; }

    /// <summary>Line number from 1; the first line of a row that spans several; the row number in a file without lines.</summary>
    public long Line { get; }

    /// <summary>Index of the row in its file, from 0, without headers and blank lines. Splitting and selecting rows keep it.</summary>
    public int Index { get; }

    /// <summary>Creates a row with one field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="text">Its text.</param>
    /// <param name="line">Line number from 1.</param>
    /// <param name="index">Index of the row, from 0.</param>
    public static Example Of(string field, string text, long line = 1, int index = 0) =>
        new(JsonSerializer.SerializeToElement(new Dictionary<string, string> { [field] = text }), "input", line, index);

    /// <summary>Creates a row of texts.</summary>
    /// <param name="fields">Each field's text by name.</param>
    /// <param name="line">Line number from 1.</param>
    /// <param name="index">Index of the row, from 0.</param>
    public static Example Of(IReadOnlyDictionary<string, string> fields, long line = 1, int index = 0)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return new Example(JsonSerializer.SerializeToElement(fields), "input", line, index);
    }

    /// <summary>Creates a row from a JSON object.</summary>
    /// <param name="row">The object; its document must live as long as the row.</param>
    /// <param name="source">Name of the input in messages.</param>
    /// <param name="line">Line number from 1.</param>
    /// <param name="index">Index of the row, from 0.</param>
    public static Example Of(JsonElement row, string source, long line, int index) => row.ValueKind == JsonValueKind.Object
        ? new Example(row, source, line, index)
        : throw new ArgumentException($"Expected an object, found {Kind(row)}.", nameof(row));

    /// <summary>The same row with more fields, which override its own fields of the same name.</summary>
    internal Example With(params IEnumerable<(string Name, JsonElement Value)> fields)
    {
        var named = new Dictionary<string, JsonElement>(_named);
        foreach (var (name, value) in fields)
            named[name] = value;
        return new Example(_row, named, Source, Line, Index, _unreadable);
    }

    /// <summary>The same row with another index.</summary>
    internal Example Numbered(int index) => index == Index ? this : new(_row, _named, Source, Line, index, _unreadable);

    /// <summary>The value of a field, of any kind; null when the field is missing.</summary>
    internal JsonElement? Json(string field) => Find(field) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    /// <summary>SHA-256 of the row's content; rows that differ in a field have different digests.</summary>
    internal byte[] Digest()
    {
        if (_named.Count == 0)
            return SHA256.HashData(JsonMarshal.GetRawUtf8Value(_row));
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in _named.OrderBy(field => field.Key, StringComparer.Ordinal).Append(KeyValuePair.Create("", _row)))
        {
            digest.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
            digest.AppendData(SHA256.HashData(JsonMarshal.GetRawUtf8Value(value)));
        }

        return digest.GetHashAndReset();
    }

    /// <summary>
    /// SHA-256 of the row's values as texts, in any order of its fields: the same for one row in a table and in Parquet, which writes numbers as
    /// numbers, and 1.0 as 1. Null, empty and missing are the same.
    /// </summary>
    internal byte[] ContentDigest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in OwnValues.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            var text = value.ValueKind == JsonValueKind.Null ? "" : WithoutZeroFraction(value.ToString());
            if (text.Length == 0)
                continue;
            digest.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
            digest.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }

        return digest.GetHashAndReset();
    }

    private static string WithoutZeroFraction(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return point > 0 && point < text.Length - 1 && !text.AsSpan(point + 1).ContainsAnyExcept('0')
            && !text.AsSpan(text[0] == '-' ? 1 : 0, point - (text[0] == '-' ? 1 : 0)).ContainsAnyExceptInRange('0', '9')
            ? text[..point] : text;
    }

    /// <summary>The first 8 bytes of <see cref="ContentDigest"/> as 16 hexadecimal digits: enough to tell the rows of a data set apart.</summary>
    internal string ShortDigest() => Convert.ToHexStringLower(ContentDigest().AsSpan(0, 8));

    /// <summary>Writes the fields that the row has in its file, with numbers as written there.</summary>
    internal void WriteFields(Utf8JsonWriter json)
    {
        foreach (var property in _row.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            var raw = JsonMarshal.GetRawUtf8Value(property.Value);
            if (raw.Contains((byte)'\n')) // a row that a program created from JSON over several lines
                property.Value.WriteTo(json);
            else
                json.WriteRawValue(raw, skipInputValidation: true);
        }
    }

    /// <summary>Names of the row's fields in its file.</summary>
    internal IEnumerable<string> OwnFields => _row.EnumerateObject().Select(property => property.Name);

    /// <summary>The row's fields in its file, with their values.</summary>
    internal IEnumerable<(string Name, JsonElement Value)> OwnValues => _row.EnumerateObject().Select(property => (property.Name, property.Value));

    /// <summary>The row's fields, each with whether it is not null.</summary>
    internal IEnumerable<(string Name, bool IsGiven)> FieldsGiven() => _named.Select(named => (named.Key, named.Value))
        .Concat(OwnValues.Where(own => !_named.ContainsKey(own.Name)))
        .Select(pair => (pair.Item1, pair.Item2.ValueKind != JsonValueKind.Null));

    /// <summary>Names of the row's fields.</summary>
    public IEnumerable<string> Fields => _named.Keys.Union(OwnFields);

    /// <summary>Whether the row has a field that is not null.</summary>
    /// <param name="field">The field.</param>
    public bool Has(string field) => Find(field) is { ValueKind: not JsonValueKind.Null };

    /// <summary>A text field.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">The field is missing or is not a text.</exception>
    public string Text(string field)
    {
        var value = Field(field);
        return value.ValueKind == JsonValueKind.String ? Characters(value, field) : throw Problem($"'{field}' is {Kind(value)}, expected a text");
    }

    /// <summary>A field that is a list of texts.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">The field is missing or is not an array of texts.</exception>
    public IReadOnlyList<string> Texts(string field)
    {
        var value = Field(field);
        if (value.ValueKind != JsonValueKind.Array)
            throw Problem($"'{field}' is {Kind(value)}, expected an array of texts");
        return [.. value.EnumerateArray().Select((item, i) =>
            item.ValueKind == JsonValueKind.String ? Characters(item, field) : throw Problem($"'{field}'[{i}] is {Shown(item)}, expected a text"))];
    }

    /// <summary>A field of token ids.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">The field is missing or is not an array of whole numbers.</exception>
    public int[] Ids(string field)
    {
        var value = Field(field);
        if (value.ValueKind != JsonValueKind.Array)
            throw Problem($"'{field}' is {Kind(value)}, expected an array of token ids");
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

    /// <summary>
    /// A single value as plain text, for templates and for comparing labels: texts unchanged, numbers as written, <c>true</c> and <c>false</c>.
    /// </summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">The field is missing, null, an array or an object.</exception>
    public string Value(string field)
    {
        var value = Field(field);
        return value.ValueKind switch
        {
            JsonValueKind.String => Characters(value, field),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => throw Problem($"'{field}' is {Kind(value)}, expected a text, a number, true or false"),
        };
    }

    /// <summary>A whole number; it may be written as text, as in CSV, and with a zero fraction, as tables write columns with gaps.</summary>
    /// <param name="field">The field.</param>
    /// <exception cref="DataException">The field is missing or is not a whole number of 32 bits.</exception>
    public int Integer(string field)
    {
        var text = Value(field);
        var whole = text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0') : text;
        return int.TryParse(whole.EndsWith('.') ? whole[..^1] : whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Problem($"'{field}' is '{Shortened(text)}', expected a whole number");
    }

    /// <summary>The row as JSON, as written in its file.</summary>
    public override string ToString() => _row.GetRawText();

    /// <summary>Creates an exception about this row.</summary>
    /// <param name="problem">What is wrong, expected and found.</param>
    /// <param name="remedies">What the user can do.</param>
    public DataException Problem(string problem, params IReadOnlyList<Remedy> remedies) =>
        _unreadable is not null ? DataException.AtRow(Source, Line, problem, remedies) : DataException.AtLine(Source, Line, problem, remedies);

    /// <summary>Names the kind of a JSON value in words.</summary>
    internal static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => Shown(value),
    };

    /// <summary>What to do about a table with another separator.</summary>
    internal const string SeparatorHint =
        "; cells are separated by commas in .csv and by tabs in .tsv: is this file separated by something else, such as ';'?";

    /// <summary>The hint for a table whose only column has a name that looks like several; null without one.</summary>
    internal static string? HintAt(string onlyColumn) => onlyColumn.AsSpan().ContainsAny(";\t,|") ? SeparatorHint : null;

    /// <summary>The beginning of a long text, for messages.</summary>
    internal static string Shortened(string text) => ShownText.Value(text, LongestShownValue);

    private static string Shown(JsonElement value) => Shortened(value.GetRawText());

    private string Characters(JsonElement value, string field)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Problem($"'{field}' holds half of a surrogate pair, which is not a character");
        }
    }

    private JsonElement Field(string field) => Find(field) ?? throw Problem($"no field '{field}'; the row has {Names()}");

    private JsonElement? Find(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        // A CSV column may have a dot in its name, so the whole name is tried first.
        if (_named.TryGetValue(field, out var value) || _row.TryGetProperty(field, out value))
            return value;
        if (_unreadable is { Count: > 0 } columns
            && (columns.TryGetValue(field, out var reason) || columns.TryGetValue(field.Split('.')[0], out reason)))
            throw Problem($"column '{Shortened(field)}' cannot be read: {reason}");
        var found = _row;
        foreach (var part in field.Split('.'))
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(part, out found))
                return null;
        }

        return found;
    }

    private string Names()
    {
        string[] names = [.. Fields];
        var hint = _unreadable is null && names is [var only] ? HintAt(only) : null;
        return string.Join(", ", names.Select(name => $"'{Shortened(name)}'").DefaultIfEmpty("no fields")) + hint;
    }
}
