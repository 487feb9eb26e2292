using System.Diagnostics;
using Prometheus;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Features.Metrics;

/// <summary>The metrics of <c>/metrics</c>. Each server has its own registry.</summary>
internal sealed class ServerMetrics
{
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly Histogram _requests;
    private readonly Histogram _waits;
    private readonly Histogram _batches;
    private readonly Histogram _rows;
    private readonly Histogram _fill;
    private readonly Counter _scored;
    private readonly Counter _tokens;
    private readonly Gauge _tokenRate;
    private readonly Counter _rejections;

    public ServerMetrics(TensorQueue queue, PromptCatalog catalog)
    {
        var metrics = Prometheus.Metrics.WithCustomRegistry(_registry);
        var waiting = metrics.CreateGauge("residual_prompts_queue_rows", "Rows waiting for a batch.");
        var capacity = metrics.CreateGauge("residual_prompts_queue_capacity_rows", "Maximum number of waiting rows.");
        var prompts = metrics.CreateGauge("residual_prompts_prompts", "Served prompts, including the backbone alone.");
        _registry.AddBeforeCollectCallback(() =>
        {
            waiting.Set(queue.WaitingRows);
            capacity.Set(queue.Capacity);
            prompts.Set(catalog.Count);
        });
        _requests = metrics.CreateHistogram(
            "residual_prompts_request_duration_seconds", "Time from a request to its answer.", ["endpoint", "status"],
            new HistogramConfiguration { Buckets = Seconds });
        _waits = metrics.CreateHistogram(
            "residual_prompts_queue_wait_seconds", "Time that rows wait for their batch.", new HistogramConfiguration { Buckets = Seconds });
        _batches = metrics.CreateHistogram(
            "residual_prompts_batch_duration_seconds", "Time to compute a batch.", new HistogramConfiguration { Buckets = Seconds });
        _rows = metrics.CreateHistogram(
            "residual_prompts_batch_rows", "Rows per batch.", new HistogramConfiguration { Buckets = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        _fill = metrics.CreateHistogram(
            "residual_prompts_batch_fill_ratio", "Tokens of a batch, virtual tokens included, as a fraction of the token budget.",
            new HistogramConfiguration { Buckets = Histogram.LinearBuckets(0.1, 0.1, 10) });
        _scored = metrics.CreateCounter("residual_prompts_rows_total", "Rows computed.");
        _tokens = metrics.CreateCounter("residual_prompts_tokens_total", "Input tokens computed, including virtual tokens, excluding padding.");
        _tokenRate = metrics.CreateGauge("residual_prompts_tokens_per_second", "Tokens of the last batch divided by its duration.");
        _rejections = metrics.CreateCounter(
            "residual_prompts_rejections_total", "Requests answered without a result, by status.", ["status"]);
        DotNetStats.Register(_registry);
    }

    /// <summary>Counts a batch.</summary>
    internal void BatchComputed(int rowCount, int tokenCount, int budget, TimeSpan duration, IEnumerable<long> enteredAt, long startedAt)
    {
        _batches.Observe(duration.TotalSeconds);
        _rows.Observe(rowCount);
        _fill.Observe((double)tokenCount / budget);
        _scored.Inc(rowCount);
        _tokens.Inc(tokenCount);
        _tokenRate.Set(tokenCount / Math.Max(duration.TotalSeconds, 1e-9));
        foreach (var entered in enteredAt)
            _waits.Observe(Stopwatch.GetElapsedTime(entered, startedAt).TotalSeconds);
    }

    /// <summary>Counts an answer.</summary>
    internal void Answered(string endpoint, int status, TimeSpan duration)
    {
        var code = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _requests.WithLabels(endpoint, code).Observe(duration.TotalSeconds);
        if (status >= 400)
            _rejections.WithLabels(code).Inc();
    }

    internal Task WriteAsync(Stream stream, CancellationToken cancellationToken) => _registry.CollectAndExportAsTextAsync(stream, cancellationToken);
}
