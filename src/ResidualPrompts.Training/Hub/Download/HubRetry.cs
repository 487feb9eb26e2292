using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace ResidualPrompts.Hub.Download;

/// <summary>When a request is retried, and after what delay.</summary>
internal static class HubRetry
{
    private const int RequestRetries = 4;
    private const int TransferRetries = 6;

    /// <summary>A machine without network should fail soon.</summary>
    private const int ConnectionRetries = 1;

    /// <summary>A server's request for a longer wait is reported to the user instead.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Retries a request after a transient failure: 5xx, 408, 429, or a timeout. The server sets the delays; otherwise they grow.</summary>
    public static ResiliencePipeline<HttpResponseMessage> ForRequests(TimeSpan delay, TimeSpan timeout) =>
        new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = RequestRetries,
            Delay = delay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(IsWorthRetrying(arguments)),
            DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Result)),
        })
        .AddTimeout(timeout)
        .Build();

    /// <summary>Continues an interrupted body.</summary>
    public static ResiliencePipeline ForTransfers(TimeSpan delay) => new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = TransferRetries,
            Delay = delay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<BrokenTransfer>(),
        })
        .Build();

    /// <summary>The wait that a server asks for.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > DateTimeOffset.UtcNow => date - DateTimeOffset.UtcNow,
        _ => null,
    };

    /// <summary>Whether a retry may succeed.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500;

    private static bool IsWorthRetrying(RetryPredicateArguments<HttpResponseMessage> arguments) => arguments.Outcome switch
    {
        {
            Exception: HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            }
        } => arguments.AttemptNumber < ConnectionRetries,
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } response } => IsTransient(response.StatusCode) && !(RetryAfter(response) > LongestWait),
        _ => false,
    };
}

/// <summary>A body that ended early, stalled, or could not be opened: received bytes are kept, and the rest is requested again.</summary>
internal sealed class BrokenTransfer(Exception inner) : Exception(inner.Message, inner);
