using Microsoft.Extensions.Logging;
using ResidualPrompts.Backbones;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Features.Metrics;
using ResidualPrompts.Server.Features.Runs;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server;

/// <summary>What the endpoints work with, made once at the start and freed after the last answer.</summary>
internal sealed class Services : IDisposable
{
    private readonly TensorThread _thread;
    private readonly ILoggerFactory _logging;

    internal Services(ServerOptions options, ILoggerFactory logging)
    {
        (Options, _logging) = (options, logging);
        Keys = options.KeysFile is null ? null : ApiKeys.Load(options.KeysFile);
        if (options.Prompts is { } prompts && !System.IO.Directory.Exists(prompts))
            throw ServerException.NoDirectory(nameof(options.Prompts), prompts);
        if (options.Runs is { } runs && !System.IO.Directory.Exists(runs))
            throw ServerException.NoDirectory(nameof(options.Runs), runs);
        Runs = new RunFolder(options.Runs);
        Model = ServedModel.Load(options.Model);
        try
        {
            Queue = new TensorQueue(options.QueueRows);
            Metrics = new ServerMetrics(Queue, Catalog);
            _thread = new TensorThread(Model.Backbone.Model, Queue, options, Metrics, logging.CreateLogger("batches"));
            var reader = new PromptReader(Model.Backbone, options.Model, options.AllowMismatch);
            Directory = new PromptDirectory(options.Prompts, reader, Catalog, Queue, logging.CreateLogger("prompts"));
            Catalog.Put(reader.Untuned(Model.Task));
        }
        catch
        {
            _thread?.Dispose();
            Model.Dispose();
            throw;
        }
    }

    internal ServerOptions Options { get; }

    internal ServedModel Model { get; }

    internal Backbone Backbone => Model.Backbone;

    internal ApiKeys? Keys { get; }

    internal PromptCatalog Catalog { get; } = new();

    internal PromptDirectory Directory { get; }

    internal RunFolder Runs { get; }

    internal TensorQueue Queue { get; }

    internal ServerMetrics Metrics { get; }

    /// <summary>Whether requests can be answered.</summary>
    internal bool IsReady => _thread.IsAlive;

    internal ILogger Logger(string category) => _logging.CreateLogger(category);

    /// <summary>Lets a request wait for its results.</summary>
    /// <exception cref="RequestProblem">Too many rows wait, or the request's time is over.</exception>
    internal async Task<RowResult[]> ComputeAsync(PredictionRequest job, RequestTime time)
    {
        if (!Queue.TryAdd(job))
            throw RequestProblem.QueueFull(Queue.WaitingRows, Queue.Capacity, 1);

        using var registration = time.Token.UnsafeRegister(static (state, token) => ((PredictionRequest)state!).Cancel(token), job);
        try
        {
            return await job.Completion;
        }
        catch (OperationCanceledException) when (time.IsOver)
        {
            throw RequestProblem.TimedOut(time.Seconds);
        }
    }

    public void Dispose()
    {
        _thread.Dispose();
        Directory.Dispose();
        foreach (var prompt in Catalog.All)
            Catalog.Remove(prompt.Name);
        Model.Dispose();
    }
}
