using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server;

/// <summary>
/// Loads the model and the prompts when the app starts, before it listens, and watches the directory of prompts until it stops. The container
/// owns the loaded objects; it waits for the tensor thread and frees the tensors after the last answer.
/// </summary>
/// <param name="services">The services, created one by one at startup, in the order in which problems are reported.</param>
/// <param name="application">The app's lifetime.</param>
internal sealed class ServingLifetime(IServiceProvider services, IHostApplicationLifetime application) : BackgroundService
{
    /// <summary>A batch that is older than that number of time limits of a request does not end.</summary>
    private const int MostTimeouts = 10;

    private volatile TensorThread? _thread;
    private volatile bool _isLoaded;

    /// <summary>Whether the model and the prompts are loaded.</summary>
    internal bool IsLoaded => _isLoaded;

    /// <summary>Whether the tensor thread runs. After its end no request can be answered.</summary>
    internal bool IsLive => _thread?.IsAlive != false;

    /// <summary>Why requests cannot be answered, or null.</summary>
    internal RequestProblem? Problem
    {
        get
        {
            if (!_isLoaded || !IsLive || application.ApplicationStopping.IsCancellationRequested)
                return RequestProblem.Stopping();
            var most = MostTimeouts * services.GetRequiredService<PromptServingOptions>().TimeoutSeconds;
            return _thread?.Busy >= TimeSpan.FromSeconds(most) ? RequestProblem.Stuck(most) : null;
        }
    }

    /// <summary>Whether requests can be answered.</summary>
    internal bool IsReady => Problem is null;

    /// <exception cref="InputException">The keys, a directory or the model cannot be used.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var (options, names) = (services.GetRequiredService<PromptServingOptions>(), services.GetRequiredService<SettingNames>());
        _ = services.GetRequiredService<ApiKeys>();
        CheckDirectory(names[nameof(options.Prompts)], options.Prompts);
        CheckDirectory(names[nameof(options.Runs)], options.Runs);
        if (!options.ShowsRunsOnly)
        {
            var model = services.GetRequiredService<ServedModel>();
            services.GetRequiredService<PromptCatalog>().Put(services.GetRequiredService<PromptReader>().Untuned(model.Task));
            _thread = services.GetRequiredService<TensorThread>();
            await services.GetRequiredService<PromptDirectory>().RefreshAsync(cancellationToken);
        }

        _isLoaded = true;
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        services.GetRequiredService<PromptServingOptions>().ShowsRunsOnly ? Task.CompletedTask
            : services.GetRequiredService<PromptDirectory>().WatchAsync(stoppingToken),
        services.GetRequiredService<ApiKeys>().WatchAsync(services.GetRequiredService<ServingLog>().Keys, stoppingToken));

    private static void CheckDirectory(string setting, string? path)
    {
        if (path is not null && !Directory.Exists(path))
            throw ServerException.NoDirectory(setting, path);
    }
}
