using Microsoft.AspNetCore.Http;

namespace ResidualPrompts.Server.Http;

/// <summary>Cancellation of a request: when its client disconnects or its time limit expires.</summary>
internal sealed class RequestTime : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _client;

    private RequestTime(int seconds, CancellationToken cancellationToken)
    {
        (_client, Seconds) = (cancellationToken, seconds);
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _source.CancelAfter(TimeSpan.FromSeconds(seconds));
    }

    internal int Seconds { get; }

    internal CancellationToken Token => _source.Token;

    /// <summary>Whether the time limit has expired while the client still waits.</summary>
    internal bool IsOver => _source.IsCancellationRequested && !_client.IsCancellationRequested;

    internal static RequestTime Start(HttpContext context, PromptServingOptions options) => new(options.TimeoutSeconds, context.RequestAborted);

    public void Dispose() => _source.Dispose();
}
