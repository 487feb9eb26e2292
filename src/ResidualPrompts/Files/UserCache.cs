namespace ResidualPrompts.Files;

/// <summary>
/// The user's folder for what can be made again: <c>RESIDUAL_PROMPTS_CACHE</c>, else <c>residual-prompts</c> in <c>XDG_CACHE_HOME</c> or in
/// the system's place for caches. The value <c>off</c> means that nothing is kept.
/// </summary>
internal static class UserCache
{
    /// <summary>The variable that names another folder, or <c>off</c>.</summary>
    public const string Variable = "RESIDUAL_PROMPTS_CACHE";

    /// <summary>The folder, which need not exist yet; null when nothing is to be kept.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(Variable) switch
    {
        "off" => null,
        { Length: > 0 } folder => folder,
        _ => Path.Combine(SystemFolder, "residual-prompts"),
    };

    private static string SystemFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder)
                return folder;
            if (OperatingSystem.IsWindows())
                return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : Path.Combine(home, ".cache");
        }
    }
}
