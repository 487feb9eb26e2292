using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Settings;

/// <summary>One setting of <see cref="RunSpec"/> as data: its key, its type, its default and its JSON form.</summary>
internal sealed class RunSpecProperty
{
    private static readonly RunSpec Defaults = new();

    /// <summary>The types that are written as text, with their parsers.</summary>
    private static readonly Dictionary<Type, Func<string, object>> Texts = new()
    {
        [typeof(string)] = text => text,
        [typeof(PromptInit)] = text => (PromptInit)text,
        [typeof(Template)] = text => (Template)text,
        [typeof(LabelWords)] = text => (LabelWords)text,
        [typeof(TextEncoding)] = text => (TextEncoding)text,
    };

    private RunSpecProperty(PropertyInfo property)
    {
        Property = property;
        Key = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
    }

    /// <summary>All settings, in the order of their declaration.</summary>
    public static IReadOnlyList<RunSpecProperty> All { get; } =
        [.. typeof(RunSpec).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => new RunSpecProperty(property))];

    /// <summary>The JSON key, in snake_case.</summary>
    public string Key { get; }

    /// <summary>Whether the setting is a boolean.</summary>
    public bool IsFlag => Type == typeof(bool);

    /// <summary>Whether the default is true.</summary>
    public bool IsOnByDefault => IsFlag && (bool)Property.GetValue(Defaults)!;

    /// <summary>The default as text; null when there is none or it depends on other settings.</summary>
    public string? DefaultText => Property.GetValue(Defaults) switch
    {
        null => null,
        Enum member => EnumName(member),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>The words of an enumeration; empty for any other type.</summary>
    public IReadOnlyList<string> Words => Type.IsEnum ? [.. Enum.GetValues(Type).Cast<object>().Select(EnumName)] : [];

    /// <summary>The type of its JSON values, as JSON Schema names it.</summary>
    public string JsonType => IsFlag ? "boolean"
        : Type == typeof(double) ? "number"
        : Type == typeof(int) || Type == typeof(long) ? "integer"
        : "string";

    internal PropertyInfo Property { get; }

    private Type Type { get; }

    /// <summary>The setting of a property.</summary>
    /// <param name="name">The property's name.</param>
    public static RunSpecProperty Named(string name) => All.First(setting => setting.Property.Name == name);

    /// <summary>The setting of a key.</summary>
    /// <param name="key">The key, in snake_case.</param>
    public static RunSpecProperty WithKey(string key) => All.First(setting => setting.Key == key);

    /// <summary>Whether two specs have the same value.</summary>
    public bool IsEqual(RunSpec first, RunSpec second) => Equals(Property.GetValue(first), Property.GetValue(second));

    /// <summary>The JSON value of a given flag: the opposite of its default.</summary>
    public JsonNode FlagValue() => JsonValue.Create(!IsOnByDefault);

    /// <summary>Reads a text as a JSON value of the setting's type.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The setting's name in messages.</param>
    /// <exception cref="RunSpecException">The text is not a value of the type.</exception>
    public JsonNode Parse(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Type switch
        {
            _ when Texts.ContainsKey(Type) => JsonValue.Create(text),
            _ when Type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            _ when Type == typeof(long) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            _ when Type == typeof(double)
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) =>
                JsonValue.Create(number),
            _ when IsFlag && bool.TryParse(text, out var flag) => JsonValue.Create(flag),
            _ when Words.Contains(text) => JsonValue.Create(text),
            _ => throw RunSpecException.Value(name, text, Expected(), NearestName.Of(text, Words)),
        };
    }

    /// <summary>The value for a spec, converted from JSON.</summary>
    /// <param name="value">The JSON value; null = the default.</param>
    /// <param name="name">The setting's name in messages.</param>
    /// <exception cref="RunSpecException">The value is not of the type.</exception>
    public object? FromJson(JsonNode? value, string name)
    {
        if (value is null)
            return Property.GetValue(Defaults);
        var kind = value.GetValueKind();
        var fits = IsFlag ? kind is JsonValueKind.True or JsonValueKind.False
            : Texts.ContainsKey(Type) || Type.IsEnum ? kind == JsonValueKind.String
            : kind == JsonValueKind.Number;
        if (!fits)
            throw RunSpecException.Value(name, value.ToJsonString(), Expected());
        var parsed = Parse(kind == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(), name);
        return Texts.TryGetValue(Type, out var make) ? make(parsed.GetValue<string>())
            : Type.IsEnum ? Enum.GetValues(Type).Cast<object>().First(member => EnumName(member) == parsed.GetValue<string>())
            : parsed.Deserialize(Type);
    }

    /// <summary>The JSON value of this setting in a spec.</summary>
    public JsonNode? ToJson(RunSpec spec) => Property.GetValue(spec) switch
    {
        null => null,
        Enum member => JsonValue.Create(EnumName(member)),
        var value when Texts.ContainsKey(Type) => JsonValue.Create(value.ToString()),
        var value => JsonSerializer.SerializeToNode(value, Type),
    };

    private static string EnumName(object member) => JsonNamingPolicy.KebabCaseLower.ConvertName(member.ToString()!);

    private string Expected() => Type switch
    {
        _ when Type.IsEnum => $"{string.Join(", ", Words.SkipLast(1))} or {Words[^1]}",
        _ when Type == typeof(double) => "a number",
        _ when IsFlag => "true or false",
        _ when Texts.ContainsKey(Type) => "a text",
        _ => "a whole number",
    };
}
