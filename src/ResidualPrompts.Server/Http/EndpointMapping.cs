using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ResidualPrompts.Server.Http;

/// <summary>Maps endpoints that are described once but reached in more than one way.</summary>
internal static class EndpointMapping
{
    /// <summary>Maps GET, and HEAD with the same answer without its body.</summary>
    /// <returns>The endpoint for GET; the other one is not described.</returns>
    internal static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, [StringSyntax("Route")] string pattern, Delegate handler)
    {
        routes.MapMethods(pattern, [HttpMethods.Head], handler).ExcludeFromDescription();
        return routes.MapGet(pattern, handler);
    }

    /// <summary>
    /// Maps POST with a JSON body. A body of another type reaches the same handler, which answers with the problem: left to the routing, the answer
    /// would be empty.
    /// </summary>
    /// <returns>The endpoint for JSON; the other one is not described.</returns>
    internal static RouteHandlerBuilder MapJsonPost<T>(this IEndpointRouteBuilder routes, [StringSyntax("Route")] string pattern, Delegate handler)
        where T : notnull
    {
        routes.MapPost(pattern, handler).ExcludeFromDescription();
        return routes.MapPost(pattern, handler).Accepts<T>("application/json");
    }
}
