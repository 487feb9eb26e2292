using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Metrics;

/// <summary><c>GET /metrics</c> for Prometheus.</summary>
internal static class MetricsEndpoint
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapRead("/metrics", async (HttpContext context, [FromServices] ServerMetrics metrics) =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await metrics.WriteAsync(context.Response.Body, context.RequestAborted);
        }).ExcludeFromDescription();
}
