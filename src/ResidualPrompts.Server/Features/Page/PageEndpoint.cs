using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Page;

/// <summary>The web page and its files, embedded in the assembly. All URLs in it are relative, so it works below any prefix.</summary>
internal static class PageEndpoint
{
    private const string Prefix = "wwwroot/";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var assembly = typeof(PageEndpoint).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var name = resource[Prefix.Length..];
            var isPage = name == "index.html";
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
            routes.MapRead(isPage ? "/" : $"/{name}", (HttpContext context) =>
            {
                if (isPage && WithSlash(context.Request) is { } address)
                    return Results.Redirect(address);
                context.Response.Headers.CacheControl = "no-cache"; // revalidated each time, sent again only if changed
                return Results.Bytes(content, TypeOf(name), entityTag: tag);
            }).ExcludeFromDescription();
        }
    }

    /// <summary>
    /// The page's URL with the trailing slash that its relative URLs need, or null if it has one. The URL is relative, so it is also correct
    /// behind a proxy that removes a prefix.
    /// </summary>
    private static string? WithSlash(HttpRequest request)
    {
        var path = request.PathBase.Add(request.Path).ToUriComponent();
        return path.Length == 0 || path.EndsWith('/') ? null : $"./{path[(path.LastIndexOf('/') + 1)..]}/{request.QueryString.ToUriComponent()}";
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
