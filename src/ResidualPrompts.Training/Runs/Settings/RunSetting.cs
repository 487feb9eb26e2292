using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Runs.Settings;

/// <summary>One setting of <see cref="RunSpec"/> as data: for options, configuration files, help and documents.</summary>
public sealed class RunSetting
{
    private static readonly RunSpec Defaults = new();
    private readonly SettingAttribute _attribute;

    private RunSetting(PropertyInfo property, SettingAttribute attribute)
    {
        (Property, _attribute) = (property, attribute);
        Key = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
    }

    /// <summary>All settings, in the order in which help shows them.</summary>
    public static IReadOnlyList<RunSetting> All { get; } =
    [
        .. typeof(RunSpec).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (Property: property, Attribute: property.GetCustomAttribute<SettingAttribute>()))
            .Where(pair => pair.Attribute is not null)
            .Select(pair => new RunSetting(pair.Property, pair.Attribute!)),
    ];

    /// <summary>The JSON key, in snake_case.</summary>
    public string Key { get; }

    /// <summary>What it is about.</summary>
    public string Group => _attribute.Group;

    /// <summary>What it does, with its unit.</summary>
    public string Description => _attribute.Description;

    /// <summary>How a value is called in help; null for a flag.</summary>
    public string? ValueName => _attribute.ValueName;

    /// <summary>The option; one that switches something off begins with <c>--no-</c>.</summary>
    public string OptionName => IsFlag && (bool)Property.GetValue(Defaults)! ? $"--no-{Key.Replace('_', '-')}" : $"--{Key.Replace('_', '-')}";

    /// <summary>Whether the option takes no value.</summary>
    public bool IsFlag => Type == typeof(bool);

    /// <summary>The default as help shows it; null for a flag.</summary>
    public string? DefaultText => IsFlag ? null : _attribute.Default ?? Text(Property.GetValue(Defaults));

    internal PropertyInfo Property { get; }

    private Type Type { get; }

    /// <summary>The option of a key.</summary>
    internal static string OptionNameOf(string key) => All.FirstOrDefault(setting => setting.Key == key)?.OptionName ?? key;

    /// <summary>The JSON value that a flag stands for when it is given: the opposite of its default.</summary>
    public JsonNode FlagValue() => JsonValue.Create(!(bool)Property.GetValue(Defaults)!);

    /// <summary>Reads an option's text as a JSON value of the setting's type.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">What to call the setting in a message.</param>
    /// <exception cref="RunSpecException">It is not of the type.</exception>
    public JsonNode Parse(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Type switch
        {
            _ when Type == typeof(string) => JsonValue.Create(text),
            _ when Type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ when Type == typeof(long) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ when Type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
            _ when Type == typeof(bool) && bool.TryParse(text, out var flag) => JsonValue.Create(flag),
            _ when Type.IsEnum && EnumNames().Contains(text) => JsonValue.Create(text),
            _ => throw RunSpecException.Value(name, text, Expected()),
        };
    }

    /// <summary>The value that a spec holds, converted from JSON.</summary>
    internal object? FromJson(JsonNode? value, string name)
    {
        if (value is null)
            return Property.GetValue(Defaults);
        var kind = value.GetValueKind();
        var fits = Type == typeof(bool) ? kind is JsonValueKind.True or JsonValueKind.False
            : Type == typeof(string) || Type.IsEnum ? kind == JsonValueKind.String
            : kind == JsonValueKind.Number;
        if (!fits)
            throw RunSpecException.Value(name, value.ToJsonString(), Expected());
        var parsed = Parse(kind == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(), name);
        return Type.IsEnum
            ? Enum.GetValues(Type).Cast<object>().First(member => EnumName(member) == parsed.GetValue<string>())
            : parsed.Deserialize(Type);
    }

    /// <summary>The JSON value of this setting in a spec.</summary>
    internal JsonNode? ToJson(RunSpec spec) => Property.GetValue(spec) switch
    {
        null => null,
        Enum member => JsonValue.Create(EnumName(member)),
        var value => JsonSerializer.SerializeToNode(value, Type),
    };

    private static string? Text(object? value) => value switch
    {
        null => null,
        Enum member => EnumName(member),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static string EnumName(object member) => JsonNamingPolicy.KebabCaseLower.ConvertName(member.ToString()!);

    private IEnumerable<string> EnumNames() => Enum.GetValues(Type).Cast<object>().Select(EnumName);

    private string Expected() => Type switch
    {
        _ when Type.IsEnum => string.Join(" or ", EnumNames()),
        _ when Type == typeof(double) => "a number",
        _ when Type == typeof(bool) => "true or false",
        _ when Type == typeof(string) => "a text",
        _ => "a whole number",
    };
}
