using System.Text.RegularExpressions;

#pragma warning disable RS0030 // The system's list of users.

namespace ResidualPrompts.Files;

/// <summary>
/// Paths in environment variables, which a shell did not always expand: the same as Python's <c>os.path.expandvars(os.path.expanduser(path))</c>.
/// </summary>
internal static partial class UserPath
{
    /// <summary>The user's folder.</summary>
    internal static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>
    /// Replaces <c>~</c> and <c>~user</c> at the beginning, then <c>$NAME</c> and <c>${NAME}</c> anywhere (on Windows <c>%NAME%</c> as well), once.
    /// What is not known stays as it is written.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="read">Returns a variable's value or null; default the process's environment.</param>
    internal static string Expanded(string path, Func<string, string?>? read = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        var text = Variable().Replace(WithoutTilde(path, read), match =>
        {
            var name = match.Groups[1].Value;
            if (name.StartsWith('{'))
                name = name.EndsWith('}') ? name[1..^1] : "";
            return (name.Length == 0 ? null : read(name)) ?? match.Value;
        });
        return OperatingSystem.IsWindows() ? Environment.ExpandEnvironmentVariables(text) : text;
    }

    private static string WithoutTilde(string path, Func<string, string?> read)
    {
        if (!path.StartsWith('~'))
            return path;
        var end = path.AsSpan().IndexOfAny('/', OperatingSystem.IsWindows() ? '\\' : '/') is >= 0 and var slash ? slash : path.Length;
        var folder = end == 1 ? (OperatingSystem.IsWindows() ? null : read("HOME")) ?? Home : HomeOf(path[1..end]);
        return folder is null ? path : folder.TrimEnd('/') + path[end..] is { Length: > 0 } expanded ? expanded : "/";
    }

    /// <summary>The folder of another user; null where the system's list does not have one.</summary>
    private static string? HomeOf(string user)
    {
        try
        {
            return OperatingSystem.IsWindows() ? null : File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
                .FirstOrDefault(fields => fields.Length > 5 && fields[0] == user)?[5];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\$([A-Za-z0-9_]+|\{[^}]*\}?)")]
    private static partial Regex Variable();
}
