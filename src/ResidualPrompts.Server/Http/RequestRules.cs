using Microsoft.AspNetCore.Http;

namespace ResidualPrompts.Server.Http;

/// <summary>What is asked of a request before it is answered, and whether its answer is logged. Metadata of endpoints.</summary>
/// <param name="NeedsKey">Whether a key is asked for where there are keys.</param>
/// <param name="IsLogged">Whether the log has a line for each.</param>
/// <param name="LocalHostsOnly">Whether the client must call this machine by a name of its own.</param>
internal sealed record RequestRules(bool NeedsKey, bool IsLogged, bool LocalHostsOnly = false)
{
    internal static readonly RequestRules Keyed = new(NeedsKey: true, IsLogged: true);
    internal static readonly RequestRules Quiet = new(NeedsKey: false, IsLogged: false);
    private static readonly RequestRules Open = new(NeedsKey: false, IsLogged: true);

    internal static RequestRules Of(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<RequestRules>() ?? Open;

    /// <summary>By the path, where every path is the serving's: those without an endpoint and with another method have the same rules.</summary>
    internal static RequestRules Of(PathString path) =>
        path.StartsWithSegments("/v1") || path.StartsWithSegments("/metrics") ? Keyed
        : path.StartsWithSegments("/health") || path.StartsWithSegments("/openapi") ? Quiet
        : Open;
}
