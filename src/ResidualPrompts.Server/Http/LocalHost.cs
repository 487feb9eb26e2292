using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ResidualPrompts.Server.Http;

/// <summary>
/// The names under which a server for its own machine may be addressed. Without this check, another site could read its answers by DNS rebinding:
/// its name would lead to this machine.
/// </summary>
internal static class LocalHost
{
    private const string Name = "localhost";

    /// <summary>
    /// Whether a request names this machine: <c>localhost</c> in any spelling, or an address of the loopback. HTTP/1.0 has no host name; health
    /// checks send it, browsers do not.
    /// </summary>
    internal static bool IsNamedBy(HttpRequest request)
    {
        if (!request.Host.HasValue)
            return HttpProtocol.IsHttp10(request.Protocol) && request.Headers.Host.Count == 0
                && request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget.StartsWith('/') != false; // not an address
        var host = request.Host.Host;
        return string.Equals(host.EndsWith('.') ? host[..^1] : host, Name, StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
