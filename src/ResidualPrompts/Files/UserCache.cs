namespace ResidualPrompts.Files;

/// <summary>The folder for what can be made again at any time: <c>$XDG_CACHE_HOME/residual-prompts</c>, by default in <c>~/.cache</c>.</summary>
internal static class UserCache
{
    internal static string Folder
    {
        get
        {
            var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder
                ? folder
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(root, "residual-prompts");
        }
    }
}
