using ResidualPrompts.Scoring;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>The rows of one request, on their way through the queue. Ends once: with results, with a failure, or because the client left.</summary>
internal sealed class PredictionRequest : TensorWork
{
    private readonly TaskCompletionSource<ScoredExample[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ScoredExample[] _results;
    private readonly Lock _lock = new();
    private readonly Action _release;
    private Action<int>? _leaveQueue;
    private int _waitingCount;
    private int _computingCount;
    private int _unfinishedCount;
    private bool _isReleased;

    /// <param name="rows">The rows, at least one.</param>
    /// <param name="kind">What is wanted of them.</param>
    /// <param name="release">Called once, when the request has ended and the tensor thread does not touch its prompts any more.</param>
    internal PredictionRequest(IReadOnlyList<PromptedInput> rows, RowKind kind, Action release)
    {
        (Kind, _release) = (kind, release);
        Rows = [.. rows.Select((row, i) => new QueuedRow(this, i, row))];
        _results = new ScoredExample[rows.Count];
        _waitingCount = _unfinishedCount = rows.Count;
    }

    internal RowKind Kind { get; }

    internal IReadOnlyList<QueuedRow> Rows { get; }

    internal long EnteredAt { get; private set; }

    /// <summary>The results in the order of the rows.</summary>
    internal Task<ScoredExample[]> Completion => _completion.Task;

    /// <summary>Says that the rows wait now.</summary>
    /// <param name="enteredAt">A time stamp.</param>
    /// <param name="leaveQueue">Takes the number of rows that wait no longer.</param>
    internal void Enter(long enteredAt, Action<int> leaveQueue) => (EnteredAt, _leaveQueue) = (enteredAt, leaveQueue);

    /// <summary>Takes a row out of the queue; false when nobody waits for it any more.</summary>
    internal bool TryStart()
    {
        lock (_lock)
        {
            if (_completion.Task.IsCompleted)
                return false;
            _waitingCount--;
            _computingCount++;
        }

        _leaveQueue?.Invoke(1);
        return true;
    }

    /// <summary>A row that was started is done.</summary>
    internal void Finish(QueuedRow row, ScoredExample result)
    {
        bool isLast;
        lock (_lock)
        {
            _computingCount--;
            _results[row.Index] = result;
            isLast = --_unfinishedCount == 0;
        }

        if (isLast)
            End(() => _completion.TrySetResult(_results));
        else
            ReleaseAtTheEnd();
    }

    /// <summary>A row that was started has failed, and the request with it.</summary>
    internal void Fail(Exception e)
    {
        lock (_lock)
            _computingCount--;
        End(() => _completion.TrySetException(e));
    }

    /// <summary>The client has left, or its time is over: rows that wait are given up at once.</summary>
    internal void Cancel(CancellationToken cancellationToken) => End(() => _completion.TrySetCanceled(cancellationToken));

    private void End(Func<bool> complete)
    {
        var given = 0;
        lock (_lock)
        {
            if (complete())
                (given, _waitingCount) = (_waitingCount, 0);
        }

        if (given > 0)
            _leaveQueue?.Invoke(given);
        ReleaseAtTheEnd();
    }

    private void ReleaseAtTheEnd()
    {
        lock (_lock)
        {
            if (_isReleased || _computingCount > 0 || !_completion.Task.IsCompleted)
                return;
            _isReleased = true;
        }

        _release();
    }
}
