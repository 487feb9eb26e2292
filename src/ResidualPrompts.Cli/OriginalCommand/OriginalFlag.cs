using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.OriginalCommand;

/// <summary>A flag of the original, translated into settings of a run.</summary>
/// <param name="Settings">
/// Settings with their values, including values that equal the default because a configuration file may differ. Empty if the flag has no
/// effect.
/// </param>
internal sealed record Translation(IReadOnlyList<(string Key, JsonNode? Value)> Settings)
{
    internal static Translation Nothing { get; } = new([]);

    internal static Translation Of(string key, JsonNode? value) => new([(key, value)]);
}

/// <summary>One flag of the original's command line.</summary>
/// <param name="Name">The flag, with its dashes.</param>
/// <param name="Default">The original's default.</param>
/// <param name="Meaning">Its meaning here, for the documentation.</param>
/// <param name="Translate">Translates a value; returns null for an invalid one.</param>
/// <param name="Expected">The valid values.</param>
internal sealed record OriginalFlag(string Name, string Default, string Meaning, string Expected, Func<string, Translation?> Translate);
