using Microsoft.AspNetCore.Http;

namespace ResidualPrompts.Server.Http;

/// <summary>Endpoint metadata: requirements on requests, and whether answers are logged.</summary>
/// <param name="NeedsKey">Whether an API key is required if the server has keys.</param>
/// <param name="IsLogged">Whether every request is logged.</param>
/// <param name="LocalHostsOnly">Whether the Host header must be a local name of this machine.</param>
internal sealed record RequestRules(bool NeedsKey, bool IsLogged, bool LocalHostsOnly = false)
{
    internal static readonly RequestRules Keyed = new(NeedsKey: true, IsLogged: true);
    internal static readonly RequestRules Quiet = new(NeedsKey: false, IsLogged: false);
    private static readonly RequestRules Open = new(NeedsKey: false, IsLogged: true);

    internal static RequestRules Of(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<RequestRules>() ?? Open;

    /// <summary>The rules for a path of a standalone server, including paths without an endpoint and unsupported methods.</summary>
    internal static RequestRules Of(PathString path) =>
        path.StartsWithSegments("/v1") || path.StartsWithSegments("/metrics") ? Keyed
        : path.StartsWithSegments("/health") || path.StartsWithSegments("/openapi") ? Quiet
        : Open;
}
