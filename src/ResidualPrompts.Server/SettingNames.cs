using System.Globalization;

namespace ResidualPrompts.Server;

/// <summary>
/// What messages call a setting: the property of the options in an app, and whatever the host calls it elsewhere, as a command line does.
/// </summary>
/// <param name="name">The name of a setting by its property.</param>
/// <param name="usage">How the setting is given, by its property.</param>
internal sealed class SettingNames(Func<string, string> name, Func<string, string> usage)
{
    internal static readonly SettingNames Properties = new(property => $"'{property}'", property => $"'{property}'");

    internal string this[string property] => name(property);

    internal string Usage(string property) => usage(property);

    /// <summary>What is wrong with a number, or null when nothing is.</summary>
    internal string? OutOfRange(string property, long value, long least, long most) =>
        value >= least && value <= most ? null
            : string.Create(CultureInfo.InvariantCulture, $"{name(property)} is {value}, expected {least} to {most}");
}
