using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ResidualPrompts.Server.Http;

/// <summary>
/// Stands before every endpoint: checks the key, sets the headers that keep a page honest, turns whatever is thrown into
/// <c>application/problem+json</c>, and counts and logs the answer.
/// </summary>
internal sealed class ProblemDetailsMiddleware(Services services, RequestDelegate next)
{
    private const int ClientClosedRequest = 499; // as nginx counts it; nobody reads it

    /// <summary>A page of another site can point a name of its own at this machine, and would then read what a local server says.</summary>
    private static readonly string[] LocalHosts = ["localhost", "127.0.0.1", "[::1]"];

    private static readonly string[] OpenPaths = ["/health", "/openapi"];
    private readonly ILogger _logger = services.Logger("requests");

    internal async Task HandleAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture, $"app;dur={Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0}");
            return Task.CompletedTask;
        });
        try
        {
            if (services.Options.IsLoopback && !LocalHosts.Contains(context.Request.Host.Host))
                throw RequestProblem.ForeignHost();
            if (services.Keys is { } keys && NeedsKey(context.Request.Path) && !keys.Opens(context.Request))
                throw RequestProblem.NoKey();
            await next(context);
            if (context.Response.StatusCode >= 400 && !context.Response.HasStarted)
                throw Routed(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted)
                context.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception e)
        {
            await WriteAsync(context, ProblemOf(context, e));
        }

        Count(context, Stopwatch.GetElapsedTime(start));
    }

    private static bool NeedsKey(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/metrics");

    private RequestProblem ProblemOf(HttpContext context, Exception e)
    {
        switch (e)
        {
            case RequestProblem problem:
                return problem;
            case InputException:
                return RequestProblem.Bad(ProblemText.Of(e));
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return RequestProblem.TooLarge(services.Options.MaxBodyBytes);
            case BadHttpRequestException:
                return RequestProblem.Bad(e.Message);
            default:
                _logger.LogError(e, "{Method} {Path} failed", context.Request.Method, context.GetEndpoint()?.DisplayName);
                return RequestProblem.Failed("Something went wrong inside; the server's log says what.");
        }
    }

    /// <summary>What routing found out: no such path, or no such method of it.</summary>
    private static RequestProblem Routed(HttpContext context) => context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
        ? RequestProblem.NoMethod(context.Request.Method, context.Response.Headers.Allow.ToString())
        : RequestProblem.NotFound("There is nothing at this address; /openapi/v1.json describes what there is.");

    private static async Task WriteAsync(HttpContext context, RequestProblem problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.StatusCode = problem.Status;
        context.Response.Headers.Allow = allow;
        context.Response.Headers.CacheControl = "no-store";
        if (problem.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (problem.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        var details = new ProblemDetails { Status = problem.Status, Title = problem.Title, Detail = problem.Message, Type = "about:blank" };
        await context.Response.WriteAsJsonAsync(details, JsonText.Options, "application/problem+json", context.RequestAborted);
    }

    private void Count(HttpContext context, TimeSpan duration)
    {
        // The route's pattern and not the path: a path may hold anything, and each would be a time series of its own.
        var endpoint = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
        var status = context.Response.StatusCode;
        services.Metrics.Answered(endpoint, status, duration);
        if (!OpenPaths.Any(path => context.Request.Path.StartsWithSegments(path)))
            _logger.LogInformation("{Method} {Endpoint} {Status} {Milliseconds:0.0} ms", context.Request.Method, endpoint, status, duration.TotalMilliseconds);
    }
}
