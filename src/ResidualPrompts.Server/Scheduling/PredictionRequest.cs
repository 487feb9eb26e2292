using ResidualPrompts.Scoring;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>The rows of one request in the queue. It ends once: with results, with an error, or because the client disconnected.</summary>
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
    /// <param name="kind">What to compute for them.</param>
    /// <param name="release">Called once, when the request has ended and the tensor thread no longer uses its prompts.</param>
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

    /// <summary>The results, in row order.</summary>
    internal Task<ScoredExample[]> Completion => _completion.Task;

    /// <summary>Marks the rows as waiting.</summary>
    /// <param name="enteredAt">Timestamp of the arrival.</param>
    /// <param name="leaveQueue">Receives the number of rows that leave the queue.</param>
    internal void Enter(long enteredAt, Action<int> leaveQueue) => (EnteredAt, _leaveQueue) = (enteredAt, leaveQueue);

    /// <summary>Starts a row, which leaves the queue; false if the request has ended.</summary>
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

    /// <summary>Records the result of a started row.</summary>
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

    /// <summary>Records the failure of a started row, which fails the request.</summary>
    internal void Fail(Exception e)
    {
        lock (_lock)
            _computingCount--;
        End(() => _completion.TrySetException(e));
    }

    /// <summary>Cancels the waiting rows after the client has disconnected or the request has timed out.</summary>
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
