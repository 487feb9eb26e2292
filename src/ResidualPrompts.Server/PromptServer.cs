using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ResidualPrompts.Server.Features.Generate;
using ResidualPrompts.Server.Features.Health;
using ResidualPrompts.Server.Features.Metrics;
using ResidualPrompts.Server.Features.Page;
using ResidualPrompts.Server.Features.Predict;
using ResidualPrompts.Server.Features.Prompts;
using ResidualPrompts.Server.Features.Runs;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server;

/// <summary>The server: one backbone, the prompts of a directory, HTTP in front.</summary>
public sealed class PromptServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Services _services;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    private PromptServer(WebApplication app, Services services) => (_app, _services) = (app, services);

    /// <summary>The address that it listens on, once started.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Names of the prompts in service.</summary>
    public IReadOnlyList<string> PromptNames => [.. _services.Catalog.All.Select(prompt => prompt.Name)];

    internal Services Services => _services;

    internal IServiceProvider Provider => _app.Services;

    /// <summary>Loads the model and the prompts, and listens.</summary>
    /// <param name="options">How to serve.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="InputException">An option, the model or the keys cannot be used, or the address is taken; the message says what.</exception>
    public static Task<PromptServer> StartAsync(ServerOptions options, CancellationToken cancellationToken = default) => StartAsync(options, _ => { }, cancellationToken);

    internal static async Task<PromptServer> StartAsync(ServerOptions options, Action<WebApplicationBuilder> configure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        // An empty builder: no settings file of the working directory and no environment variable changes how the server behaves.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddLogging(builder.Logging);
        AddKestrel(builder.WebHost, options);
        builder.Services.AddRoutingCore().AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonText.Options.PropertyNamingPolicy;
            json.SerializerOptions.Encoder = JsonText.Options.Encoder;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        configure(builder);
        var app = builder.Build();
        Services services;
        try
        {
            services = new Services(options, app.Services.GetRequiredService<ILoggerFactory>());
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var server = new PromptServer(app, services);
        try
        {
            server.Map();
            await services.Directory.RefreshAsync(cancellationToken);
            await server.ListenAsync(options, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes nothing new, answers what was taken, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.StopAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
        _services.Dispose();
        _stop.Dispose();
    }

    private async Task ListenAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw ServerException.CannotListen(options.Host, options.Port, e);
        }

        _watching = _services.Directory.WatchAsync(_stop.Token);
    }

    private void Map()
    {
        _app.Use(next => new ProblemDetailsMiddleware(_services, next).HandleAsync);
        _app.UseRouting();
        var lifetime = _app.Services.GetRequiredService<IHostApplicationLifetime>();
        PredictEndpoint.Map(_app, _services);
        GenerateEndpoint.Map(_app, _services);
        PromptEndpoints.Map(_app, _services);
        RunEndpoints.Map(_app, _services, lifetime);
        HealthEndpoints.Map(_app, _services, lifetime);
        MetricsEndpoint.Map(_app, _services);
        PageEndpoint.Map(_app);
        _app.MapOpenApi();
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // a start that fails is reported by whoever started
    }

    private static void AddKestrel(IWebHostBuilder host, ServerOptions options)
    {
        host.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Endpoints count the bytes themselves and answer in words; Kestrel only keeps a client from sending without end.
            kestrel.Limits.MaxRequestBodySize = Math.Max(64L << 20, 2L * options.MaxBodyBytes);
            if (options.Host == "localhost")
                kestrel.ListenLocalhost(options.Port);
            else
                kestrel.Listen(IPAddress.Parse(options.Host), options.Port);
        });
    }
}
