using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace ResidualPrompts.Hub.Download;

/// <summary>When a request is repeated, and after what pause.</summary>
internal static class HubRetry
{
    private const int RequestRetries = 4;
    private const int TransferRetries = 6;

    /// <summary>A machine without network should say so soon.</summary>
    private const int ConnectionRetries = 1;

    /// <summary>Whoever asks for more is told to the user instead.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Repeats a request that a later one may answer: 5xx, 408, 429, no answer in time. The pauses are the server's, or grow.</summary>
    public static ResiliencePipeline<HttpResponseMessage> ForRequests(TimeSpan delay, TimeSpan timeout) => new ResiliencePipelineBuilder<HttpResponseMessage>()
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

    /// <summary>Goes on with a body that broke off.</summary>
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

    /// <summary>How long a server asks to wait.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > DateTimeOffset.UtcNow => date - DateTimeOffset.UtcNow,
        _ => null,
    };

    /// <summary>Whether another try may be answered otherwise.</summary>
    public static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500;

    private static bool IsWorthRetrying(RetryPredicateArguments<HttpResponseMessage> arguments) => arguments.Outcome switch
    {
        { Exception: HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } } => arguments.AttemptNumber < ConnectionRetries,
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } response } => IsTransient(response.StatusCode) && !(RetryAfter(response) > LongestWait),
        _ => false,
    };
}

/// <summary>A body that ended early, stood still, or could not be opened: what has arrived is kept, and the rest is asked for again.</summary>
internal sealed class BrokenTransfer(Exception inner) : Exception(inner.Message, inner);
