namespace ResidualPrompts.Hub;

/// <summary>Name of a data set on the hub, with its configuration if the data set has several: <c>aps/super_glue:boolq</c>.</summary>
/// <param name="Name">NAME or OWNER/NAME.</param>
/// <param name="Configuration">The configuration, or null for the only one.</param>
internal sealed record HubDataSetName(string Name, string? Configuration)
{
    /// <summary>Parses NAME or NAME:CONFIGURATION; null when the text is neither.</summary>
    /// <param name="text">Any text.</param>
    public static HubDataSetName? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        return parts.Length <= 2 && HubRepository.IsName(parts[0]) && (parts.Length == 1 || HubPath.IsSafe(parts[1]))
            ? new(parts[0], parts.ElementAtOrDefault(1)) : null;
    }
}
