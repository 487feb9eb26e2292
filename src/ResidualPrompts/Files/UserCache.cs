namespace ResidualPrompts.Files;

/// <summary>What this library remembers for its user: all of it can be deleted and is made again.</summary>
internal static class UserCache
{
    /// <summary>Path of a file in <c>$XDG_CACHE_HOME/residual-prompts</c>, by default <c>~/.cache/residual-prompts</c>.</summary>
    public static string PathOf(params string[] parts)
    {
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine([root, "residual-prompts", .. parts]);
    }
}
