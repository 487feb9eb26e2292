using System.Diagnostics;
using System.Threading.Channels;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>
/// What the tensor thread has to do. It holds a bounded number of rows: a request takes its place before it waits, and gives it back row
/// by row as batches start, or at once when its client leaves.
/// </summary>
/// <param name="capacity">Most rows that wait.</param>
internal sealed class TensorQueue(int capacity)
{
    private readonly Channel<object> _channel = Channel.CreateBounded<object>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private int _waitingRows;

    internal int WaitingRows => Volatile.Read(ref _waitingRows);

    internal int Capacity => capacity;

    /// <summary>Jobs, and actions to be run between batches.</summary>
    internal ChannelReader<object> Reader => _channel.Reader;

    /// <summary>Lets a job wait; one for which there is no room is cancelled.</summary>
    internal bool TryAdd(PredictionRequest job)
    {
        job.Enter(Stopwatch.GetTimestamp(), Leave);
        // The channel is full only when jobs that were given up fill it until the thread looks at it.
        if (Interlocked.Add(ref _waitingRows, job.Rows.Count) <= capacity && _channel.Writer.TryWrite(job))
            return true;
        job.Cancel(CancellationToken.None);
        return false;
    }

    /// <summary>Runs something on the tensor thread between two batches.</summary>
    internal async Task<T> RunAsync<T>(Func<T> action, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _channel.Writer.WriteAsync(
            () =>
            {
                try
                {
                    done.SetResult(action());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            cancellationToken);
        return await done.Task;
    }

    /// <summary>Nothing more is taken; what was taken is still done.</summary>
    internal void Close() => _channel.Writer.TryComplete();

    private void Leave(int rows) => Interlocked.Add(ref _waitingRows, -rows);
}
