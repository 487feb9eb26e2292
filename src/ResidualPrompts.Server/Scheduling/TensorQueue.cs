using System.Diagnostics;
using System.Threading.Channels;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>A work item of the tensor thread: either a <see cref="PredictionRequest"/> or a <see cref="TensorAction"/>.</summary>
internal abstract class TensorWork
{
    private protected TensorWork()
    {
    }
}

/// <summary>An action that the tensor thread runs between two batches.</summary>
internal sealed class TensorAction(Action run) : TensorWork
{
    internal void Run() => run();
}

/// <summary>
/// The work of the tensor thread, with a limited number of rows. A request reserves its rows before it waits, and releases them one by one as
/// batches start, or all at once if its client disconnects.
/// </summary>
/// <param name="options">Contains the maximum number of waiting rows.</param>
internal sealed class TensorQueue(PromptServingOptions options)
{
    private readonly Channel<TensorWork> _channel =
        Channel.CreateBounded<TensorWork>(new BoundedChannelOptions(options.QueueRows) { SingleReader = true });
    private int _waitingRows;

    internal int WaitingRows => Volatile.Read(ref _waitingRows);

    internal int Capacity => options.QueueRows;

    /// <summary>Requests, and actions to run between batches.</summary>
    internal ChannelReader<TensorWork> Reader => _channel.Reader;

    /// <summary>Enqueues a request, or cancels it if the queue is full.</summary>
    internal bool TryAdd(PredictionRequest request)
    {
        request.Enter(Stopwatch.GetTimestamp(), Leave);
        // The channel is full only if canceled requests fill it before the thread removes them.
        if (Interlocked.Add(ref _waitingRows, request.Rows.Count) <= Capacity && _channel.Writer.TryWrite(request))
            return true;
        request.Cancel(CancellationToken.None);
        return false;
    }

    /// <summary>Enqueues a request and awaits its results, until its client disconnects or it times out.</summary>
    /// <exception cref="RequestProblem">Too many rows are waiting, or the request timed out.</exception>
    internal async Task<ScoredExample[]> ComputeAsync(PredictionRequest request, RequestTime time)
    {
        if (!TryAdd(request))
            throw RequestProblem.QueueFull(WaitingRows, Capacity, 1);
        using var registration = time.Token.UnsafeRegister(static (state, token) => ((PredictionRequest)state!).Cancel(token), request);
        try
        {
            return await request.Completion;
        }
        catch (OperationCanceledException) when (time.IsOver)
        {
            throw RequestProblem.TimedOut(time.Seconds);
        }
    }

    /// <summary>Runs an action on the tensor thread between two batches.</summary>
    internal async Task<T> RunAsync<T>(Func<T> action, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _channel.Writer.WriteAsync(
            new TensorAction(() =>
            {
                try
                {
                    done.SetResult(action());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            }),
            cancellationToken);
        return await done.Task;
    }

    /// <summary>Rejects new work; accepted work is still completed.</summary>
    internal void Close() => _channel.Writer.TryComplete();

    private void Leave(int rows) => Interlocked.Add(ref _waitingRows, -rows);
}
