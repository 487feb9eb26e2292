using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Batching;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Features.Metrics;
using TorchSharp;

namespace ResidualPrompts.Server.Scheduling;

/// <summary>
/// The single thread that computes. It batches waiting rows across requests and prompts. Rows accumulate while a batch is computed; only an
/// idle thread waits a few milliseconds for more rows.
/// </summary>
internal sealed class TensorThread : IDisposable
{
    private const long Idle = long.MinValue;
    private readonly TensorQueue _queue;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeSpan _delay;
    private readonly int _batchTokens;
    private readonly BatchPlanner _planner;
    private readonly PromptScorer _scorer;
    private readonly Thread _thread;
    private readonly TimeProvider _time;
    private Task<bool>? _more;
    private long _busySince = Idle;

    public TensorThread(ServedModel model, TensorQueue queue, PromptServingOptions options, ServerMetrics metrics, ServingLog log,
        TimeProvider time)
    {
        _time = time;
        (_queue, _metrics, _logger) = (queue, metrics, log.Batches);
        _delay = TimeSpan.FromMilliseconds(options.BatchDelayMilliseconds);
        _batchTokens = options.BatchTokens;
        _planner = new BatchPlanner(options.BatchRows, options.BatchTokens);
        _scorer = new PromptScorer(model.Backbone.Model, budget: new TokenBudget(options.BatchTokens, options.BatchRows));
        _thread = new Thread(Run) { Name = "tensors", IsBackground = true };
        _thread.Start();
    }

    internal bool IsAlive => _thread.IsAlive;

    /// <summary>For how long it has worked on the same batch, or on the same action between two batches; zero if it waits.</summary>
    internal TimeSpan Busy => Volatile.Read(ref _busySince) is var since && since != Idle ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Waits until the thread has finished all accepted work.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
    }

    private void Run()
    {
        while (Gather())
        {
            var batch = _planner.Take();
            if (batch.Count > 0)
                Work(() => Compute(batch));
        }
    }

    /// <summary>Waits for work, then briefly for more; false at the end.</summary>
    private bool Gather()
    {
        Drain();
        while (_planner.IsEmpty)
        {
            if (!WaitForMore(Timeout.InfiniteTimeSpan))
                return false;
            Drain();
        }

        while (!_planner.IsFull)
        {
            var left = _delay - Stopwatch.GetElapsedTime(_planner.OldestEnteredAt);
            if (left <= TimeSpan.Zero || !WaitForMore(left))
                break;
            Drain();
        }

        return true;
    }

    private void Drain()
    {
        while (_queue.Reader.TryRead(out var work))
        {
            if (work is PredictionRequest request)
                _planner.Add(request);
            else
                Work(((TensorAction)work).Run);
        }
    }

    private void Work(Action work)
    {
        Volatile.Write(ref _busySince, _time.GetTimestamp());
        work();
        Volatile.Write(ref _busySince, Idle);
    }

    /// <summary>Waits for more work; false after a timeout, or if the queue is closed.</summary>
    private bool WaitForMore(TimeSpan time)
    {
        _more ??= _queue.Reader.WaitToReadAsync().AsTask();
        if (!_more.Wait(time))
            return false; // the next call continues the same wait
        var more = _more.Result;
        _more = null;
        return more;
    }

    private void Compute(List<QueuedRow> batch)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var scope = torch.NewDisposeScope();
            PromptedInput[] rows = [.. batch.Select(row => row.Content)];
            var results = batch[0].Request.Kind.Generation is { } generation
                ? _scorer.Generate(rows, generation)
                : _scorer.Score(rows, [.. batch.Select(row => row.Request.Kind.Labels!)]);
            _metrics.BatchComputed(batch.Count, batch.Sum(row => row.Content.Length), _batchTokens, Stopwatch.GetElapsedTime(start),
                batch.Select(row => row.Request.EnteredAt), start);
            foreach (var (row, result) in batch.Zip(results))
                row.Request.Finish(row, result);
        }
        catch (Exception e) // a failed batch must not prevent the next one
        {
            _logger.LogError(e, "A batch of {Rows} rows failed", batch.Count);
            foreach (var row in batch)
                row.Request.Fail(e);
        }
    }
}
