using System.Globalization;

namespace ResidualPrompts.Server;

/// <summary>
/// Names of the settings in messages: property names in an app, or the names that another host, such as a command line, gives them.
/// </summary>
/// <param name="name">The name of a setting by its property.</param>
/// <param name="usage">How to give a setting, by its property.</param>
internal sealed class SettingNames(Func<string, string> name, Func<string, string> usage)
{
    internal static readonly SettingNames Properties = new(property => $"'{property}'", property => $"'{property}'");

    internal string this[string property] => name(property);

    internal string Usage(string property) => usage(property);

    /// <summary>The problem with a number, or null if it is in range.</summary>
    internal string? OutOfRange(string property, long value, long least, long most) =>
        value >= least && value <= most ? null
            : string.Create(CultureInfo.InvariantCulture, $"{name(property)} is {value}, expected {least} to {most}");
}
