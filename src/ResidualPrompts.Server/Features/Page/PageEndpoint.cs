using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace ResidualPrompts.Server.Features.Page;

/// <summary>The page at <c>/</c> and its files, which are in the assembly.</summary>
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
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
            routes.MapGet(name == "index.html" ? "/" : $"/{name}", (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "no-cache"; // asked for again each time, sent again only when it changed
                return Results.Bytes(content, TypeOf(name), entityTag: tag);
            }).ExcludeFromDescription();
        }
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
