using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Health;

/// <summary>How the server is.</summary>
internal sealed record Health(string Status);

/// <summary><c>/health</c>: whether the process lives, and whether it can answer.</summary>
internal static class HealthEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new Health("live"), JsonText.Options))
            .Produces<Health>().WithTags("health").WithSummary("The process lives.");
        routes.MapGet("/health/ready", ([FromServices] ServingLifetime lifetime) => lifetime.IsReady
            ? Results.Json(new Health("ready"), JsonText.Options)
            : throw RequestProblem.Stopping())
            .Produces<Health>().ProducesProblem(503).WithTags("health").WithSummary("The model is loaded and requests are taken.");
    }
}
