namespace ResidualPrompts.Files;

/// <summary>
/// The user's folder for data that can be recreated at any time: <c>RESIDUAL_PROMPTS_CACHE</c>, else <c>residual-prompts</c> in <c>XDG_CACHE_HOME</c>
/// or in the system's cache folder.
/// </summary>
internal static class UserCache
{
    private const string Variable = "RESIDUAL_PROMPTS_CACHE";
    private const string Off = "off";

    /// <summary>Whether every run tokenizes rows again: the variable is <c>off</c>.</summary>
    internal static bool KeepsNoRows => Environment.GetEnvironmentVariable(Variable) == Off;

    /// <summary>The folder, which may not exist yet.</summary>
    internal static string Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && folder != Off
        ? UserPath.Expanded(folder)
        : Path.Combine(SystemFolder, "residual-prompts");

    private static string SystemFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder)
                return UserPath.Expanded(folder);
            if (OperatingSystem.IsWindows())
                return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            return OperatingSystem.IsMacOS() ? Path.Combine(UserPath.Home, "Library", "Caches") : Path.Combine(UserPath.Home, ".cache");
        }
    }
}
