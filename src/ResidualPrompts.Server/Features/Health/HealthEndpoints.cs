using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Health;

/// <summary>How the server is.</summary>
internal sealed record Health(string Status);

/// <summary><c>/health</c>: whether the process lives, and whether it can answer.</summary>
internal static class HealthEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes, Services services, IHostApplicationLifetime lifetime)
    {
        routes.MapGet("/health/live", () => Results.Json(new Health("live"), JsonText.Options)).Produces<Health>().WithTags("health").WithSummary("The process lives.");
        routes.MapGet("/health/ready", () => services.IsReady && !lifetime.ApplicationStopping.IsCancellationRequested
            ? Results.Json(new Health("ready"), JsonText.Options)
            : throw RequestProblem.Stopping()).Produces<Health>().ProducesProblem(503).WithTags("health").WithSummary("The model is loaded and requests are taken.");
    }
}
