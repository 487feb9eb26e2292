using System.Globalization;
using ResidualPrompts.Files;

namespace ResidualPrompts.Hub;

/// <summary>
/// Settings of the hub and its cache. The environment variables are those of the hub's Python library, so that both share one cache; see
/// https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables.
/// </summary>
public sealed class HubSettings
{
    private static readonly string[] True = ["1", "ON", "YES", "TRUE"];

    /// <summary>The hub's address. <c>HF_ENDPOINT</c>.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The cache folder. <c>HF_HUB_CACHE</c>, else below <c>HF_HOME</c>.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The token for private repositories; never shown, and sent only to <see cref="Endpoint"/>. <c>HF_TOKEN</c>.</summary>
    public string? Token { get; init; }

    /// <summary>Whether downloads are forbidden. <c>HF_HUB_OFFLINE</c>.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Timeout of a request for a file's metadata. <c>HF_HUB_ETAG_TIMEOUT</c>.</summary>
    public TimeSpan MetadataTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Timeout for the next bytes of a download. <c>HF_HUB_DOWNLOAD_TIMEOUT</c>.</summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether snapshots link to blobs where the system supports links. <c>HF_HUB_DISABLE_SYMLINKS</c>.</summary>
    public bool UsesLinks { get; init; } = true;

    /// <summary>Whether downloads show their progress. <c>HF_HUB_DISABLE_PROGRESS_BARS</c>.</summary>
    public bool ShowsProgress { get; init; } = true;

    /// <summary>Whether requests name the program's version. <c>HF_HUB_DISABLE_TELEMETRY</c>, <c>DO_NOT_TRACK</c>.</summary>
    public bool TellsVersion { get; init; } = true;

    /// <summary>Pause before the first retry of a request; it doubles with each further retry.</summary>
    internal TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads the environment.</summary>
    /// <param name="read">Returns a variable's value or null; default the process's environment.</param>
    /// <exception cref="HubException">A variable has an invalid value.</exception>
    public static HubSettings FromEnvironment(Func<string, string?>? read = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        string? First(params string[] names) => names.Select(read).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
        string Expanded(string path) => UserPath.Expanded(path.Trim(), read);
        bool Is(params string[] names) => names.Any(name => True.Contains(read(name)?.Trim().ToUpperInvariant()));

        var home = First("HF_HOME") is { } folder
            ? Expanded(folder)
            : Path.Combine(First("XDG_CACHE_HOME") is { } cache ? Expanded(cache) : Expanded("~/.cache"), "huggingface");
        return new HubSettings
        {
            Endpoint = ReadEndpoint(First("HF_ENDPOINT")),
            CacheFolder = First("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") is { } hub ? Expanded(hub) : Path.Combine(home, "hub"),
            Token = Is("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : ReadToken(names => First(names), Expanded, home),
            IsOffline = Is("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"),
            MetadataTimeout = ReadSeconds("HF_HUB_ETAG_TIMEOUT", First("HF_HUB_ETAG_TIMEOUT")),
            DownloadTimeout = ReadSeconds("HF_HUB_DOWNLOAD_TIMEOUT", First("HF_HUB_DOWNLOAD_TIMEOUT")),
            UsesLinks = !Is("HF_HUB_DISABLE_SYMLINKS"),
            ShowsProgress = !Is("HF_HUB_DISABLE_PROGRESS_BARS"),
            TellsVersion = !Is("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "DISABLE_TELEMETRY"),
        };
    }

    private static Uri ReadEndpoint(string? text)
    {
        if (text is null)
            return new Uri("https://huggingface.co");
        return Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo == ""
            ? url
            : throw HubException.BadVariable("HF_ENDPOINT", text, "a URL with http or https, such as https://huggingface.co");
    }

    private static TimeSpan ReadSeconds(string variable, string? text)
    {
        if (text is null)
            return TimeSpan.FromSeconds(10);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw HubException.BadVariable(variable, text, "a whole number of seconds from 1 to 86400");
    }

    private static string? ReadToken(Func<string[], string?> first, Func<string, string> expanded, string home)
    {
        var (token, source) = (first(["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]), "HF_TOKEN");
        if (token is null)
        {
            source = first(["HF_TOKEN_PATH"]) is { } path ? expanded(path) : Path.Combine(home, "token");
            try
            {
                token = File.Exists(source) ? PlainFile.ReadNamedText(source, PlainFile.LongestText) : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null; // a file of another user: public repositories need no token
            }
        }

        token = token?.Trim();
        if (token is null or "")
            return null;
        return token.All(character => character is > ' ' and < (char)127) ? token : throw HubException.BadToken(source);
    }
}
