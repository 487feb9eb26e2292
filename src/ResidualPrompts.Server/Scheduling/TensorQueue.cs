using System.Diagnostics;
using System.Threading.Channels;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>Something for the tensor thread to do: a <see cref="PredictionRequest"/>, or a <see cref="TensorAction"/> and nothing else.</summary>
internal abstract class TensorWork
{
    private protected TensorWork()
    {
    }
}

/// <summary>An action that runs between two batches.</summary>
internal sealed class TensorAction(Action run) : TensorWork
{
    internal void Run() => run();
}

/// <summary>
/// What the tensor thread has to do. It holds a bounded number of rows: a request takes its place before it waits, and gives it back row
/// by row as batches start, or at once when its client leaves.
/// </summary>
/// <param name="options">Most rows that wait.</param>
internal sealed class TensorQueue(PromptServingOptions options)
{
    private readonly Channel<TensorWork> _channel =
        Channel.CreateBounded<TensorWork>(new BoundedChannelOptions(options.QueueRows) { SingleReader = true });
    private int _waitingRows;

    internal int WaitingRows => Volatile.Read(ref _waitingRows);

    internal int Capacity => options.QueueRows;

    /// <summary>Requests, and actions to be run between batches.</summary>
    internal ChannelReader<TensorWork> Reader => _channel.Reader;

    /// <summary>Lets a request wait; one for which there is no room is cancelled.</summary>
    internal bool TryAdd(PredictionRequest request)
    {
        request.Enter(Stopwatch.GetTimestamp(), Leave);
        // The channel is full only when requests that were given up fill it until the thread looks at it.
        if (Interlocked.Add(ref _waitingRows, request.Rows.Count) <= Capacity && _channel.Writer.TryWrite(request))
            return true;
        request.Cancel(CancellationToken.None);
        return false;
    }

    /// <summary>Lets a request wait for its results, until its client leaves or its time is over.</summary>
    /// <exception cref="RequestProblem">Too many rows wait, or the request's time is over.</exception>
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

    /// <summary>Runs something on the tensor thread between two batches.</summary>
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

    /// <summary>Nothing more is taken; what was taken is still done.</summary>
    internal void Close() => _channel.Writer.TryComplete();

    private void Leave(int rows) => Interlocked.Add(ref _waitingRows, -rows);
}
