using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.OriginalCommand;

/// <summary>What a flag of the original means here.</summary>
/// <param name="Settings">Settings with their values, also where they are the defaults, since a configuration file may say otherwise; none when the flag has no effect.</param>
internal sealed record Translation(IReadOnlyList<(string Key, JsonNode? Value)> Settings)
{
    internal static Translation Nothing { get; } = new([]);

    internal static Translation Of(string key, JsonNode? value) => new([(key, value)]);
}

/// <summary>One flag of the original's command line.</summary>
/// <param name="Name">The flag, with its dashes.</param>
/// <param name="Default">The original's default.</param>
/// <param name="Meaning">What it means here, for the documents.</param>
/// <param name="Translate">Translates a value; null from it = the value is none of those expected.</param>
/// <param name="Expected">The values that there are.</param>
internal sealed record OriginalFlag(string Name, string Default, string Meaning, string Expected, Func<string, Translation?> Translate);
