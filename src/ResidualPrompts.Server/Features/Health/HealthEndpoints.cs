using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Health;

/// <summary>The status of the server.</summary>
internal sealed record Health(string Status);

/// <summary><c>/health</c>: whether the process is alive, and whether it can answer.</summary>
internal static class HealthEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/health/live", () => Results.Json(new Health("live"), JsonText.Options))
            .Produces<Health>().WithTags("health").WithSummary("The process is alive.");
        routes.MapRead("/health/ready", ([FromServices] ServingLifetime lifetime) => lifetime.Problem is { } problem
            ? throw problem : Results.Json(new Health("ready"), JsonText.Options))
            .Produces<Health>().ProducesProblem(503).WithTags("health").WithSummary("The model is loaded and requests are accepted.");
    }
}
