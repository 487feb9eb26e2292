namespace ResidualPrompts.Runs.Settings;

/// <summary>Describes a setting of a run for help texts and documents.</summary>
/// <param name="group">What it is about; settings of a group stand together in help.</param>
/// <param name="description">What it does, with its unit.</param>
/// <param name="valueName">How a value is called in help; null for a flag.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string group, string description, string? valueName = null) : Attribute
{
    /// <summary>What it is about.</summary>
    public string Group { get; } = group;

    /// <summary>What it does, with its unit.</summary>
    public string Description { get; } = description;

    /// <summary>How a value is called in help.</summary>
    public string? ValueName { get; } = valueName;

    /// <summary>What holds without the setting, where the property's value does not say it.</summary>
    public string? Default { get; init; }
}
