namespace ResidualPrompts.Hub;

/// <summary>A data set on the hub by name and, where it holds several, configuration: <c>aps/super_glue:boolq</c>.</summary>
/// <param name="Name">NAME or OWNER/NAME.</param>
/// <param name="Configuration">The configuration, or null for the only one.</param>
public sealed record HubDataSetName(string Name, string? Configuration)
{
    /// <summary>Reads NAME or NAME:CONFIGURATION; null when it can be neither.</summary>
    /// <param name="text">Any text.</param>
    public static HubDataSetName? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        return parts.Length <= 2 && HubRepository.IsName(parts[0]) && (parts.Length == 1 || HubPath.IsSafe(parts[1]))
            ? new(parts[0], parts.ElementAtOrDefault(1)) : null;
    }
}
