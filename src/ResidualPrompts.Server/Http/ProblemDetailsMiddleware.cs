using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Server.Features.Metrics;

namespace ResidualPrompts.Server.Http;

/// <summary>
/// Wraps only the endpoints for serving: checks the API key, sets security headers, converts exceptions into
/// <c>application/problem+json</c>, and counts and logs the answer.
/// </summary>
internal sealed class ProblemDetailsMiddleware(PromptServingOptions options, ApiKeys keys, ServerMetrics metrics, ServingLog log,
    ClientText text)
{
    private const int ClientClosedRequest = 499; // the code that nginx logs; no client receives it

    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    internal async Task HandleAsync(HttpContext context, RequestDelegate next, RequestRules rules)
    {
        var start = Stopwatch.GetTimestamp();
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = ContentPolicy;
            headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture,
                $"app;dur={Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0}");
            return Task.CompletedTask;
        });
        try
        {
            if (rules.LocalHostsOnly && !LocalHost.IsNamedBy(context.Request))
                throw RequestProblem.ForeignHost();
            if (rules.NeedsKey && !keys.Open(context.Request))
                throw RequestProblem.NoKey();
            await next(context);
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

        Count(context, Stopwatch.GetElapsedTime(start), rules);
    }

    private RequestProblem ProblemOf(HttpContext context, Exception e)
    {
        switch (e)
        {
            case RequestProblem problem:
                return problem;
            case InputException:
                return RequestProblem.Bad(text.Of(e));
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return RequestProblem.TooLarge(options.MaxBodyBytes);
            case BadHttpRequestException:
                return RequestProblem.Bad(e.Message);
            default:
                log.Requests.LogError(e, "{Method} {Path} failed", context.Request.Method, context.GetEndpoint()?.DisplayName);
                return RequestProblem.Failed("An unexpected error occurred; see the server's log.");
        }
    }

    private static async Task WriteAsync(HttpContext context, RequestProblem problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        // Remove headers that describe the failed answer; keep those that the surrounding app has set.
        var headers = context.Response.Headers;
        (headers.ContentLength, headers.ETag, headers.ContentEncoding) = (null, default, default);
        context.Response.StatusCode = problem.Status;
        headers.CacheControl = "no-store";
        if (problem.RetryAfterSeconds is { } seconds)
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (problem.Status == StatusCodes.Status401Unauthorized)
            headers.WWWAuthenticate = "Bearer";
        var details = new ProblemDetails { Status = problem.Status, Title = problem.Title, Detail = problem.Message, Type = "about:blank" };
        await context.Response.WriteAsJsonAsync(details, JsonText.Options, "application/problem+json", context.RequestAborted);
    }

    private void Count(HttpContext context, TimeSpan duration, RequestRules rules)
    {
        // The route pattern, not the path: arbitrary paths would each create a time series.
        var endpoint = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
        var status = context.Response.StatusCode;
        metrics.Answered(endpoint, status, duration);
        if (rules.IsLogged)
            log.Requests.LogInformation(
                "{Method} {Endpoint} {Status} {Milliseconds:0.0} ms", context.Request.Method, endpoint, status, duration.TotalMilliseconds);
    }
}
