using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server;

/// <summary>
/// A standalone HTTP server for one backbone and the prompts of a directory. It is a thin host for the services that
/// <see cref="PromptServingExtensions.AddPromptServing(IServiceCollection, Action{PromptServingOptions})"/> adds to any app.
/// </summary>
public sealed class PromptServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PromptServer(WebApplication app) => _app = app;

    /// <summary>The address that the server listens on.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Names of the served prompts.</summary>
    public IReadOnlyList<string> PromptNames => [.. _app.Services.GetRequiredService<PromptCatalog>().All.Select(prompt => prompt.Name)];

    internal IServiceProvider Services => _app.Services;

    /// <summary>Cancelled when the server stops, also when it stops by itself because one of its services failed.</summary>
    internal CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <summary>Loads the model and the prompts, and starts to listen.</summary>
    /// <param name="options">What to serve, and where.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="InputException">An option, the model or the keys cannot be used, or the address is in use.</exception>
    public static Task<PromptServer> StartAsync(ServerOptions options, CancellationToken cancellationToken = default) =>
        StartAsync(options, _ => { }, cancellationToken);

    internal static async Task<PromptServer> StartAsync(ServerOptions options, Action<WebApplicationBuilder> configure,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var server = new PromptServer(Build(options, configure));
        try
        {
            server.Map(options.IsLoopback);
            await server.ListenAsync(options, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Rejects new requests, answers the accepted ones, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(ServerOptions options, Action<WebApplicationBuilder> configure)
    {
        // An empty builder: neither settings files in the working directory nor environment variables may affect the server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddLogging(builder.Logging);
        AddKestrel(builder.WebHost, options);
        builder.Services.AddRoutingCore().AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(json => // the OpenAPI description uses these options
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonText.Options.PropertyNamingPolicy;
            json.SerializerOptions.Encoder = JsonText.Options.Encoder;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        builder.Services.AddSingleton(options.Names).AddSingleton(Options.Create(options.Serving));
        // everything else in the log is disabled
        builder.Services.AddSingleton(provider => new ServingLog(provider.GetRequiredService<ILoggerFactory>(), prefix: ""));
        builder.Services.AddServing();
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        configure(builder);
        return builder.Build();
    }

    private async Task ListenAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException
            && _app.Services.GetRequiredService<ServingLifetime>().IsLoaded)
        {
            throw ServerException.CannotListen(options.Host, options.Port, options.Names[nameof(options.Port)], e);
        }
    }

    private void Map(bool localHostsOnly)
    {
        // Outermost, so that unknown paths and unsupported methods are answered like any other error.
        _app.Use(next => context => context.RequestServices.GetRequiredService<ProblemDetailsMiddleware>()
            .HandleAsync(context, inner => RouteAsync(inner, next), RequestRules.Of(context.Request.Path) with { LocalHostsOnly = localHostsOnly }));
        _app.UseRouting();
        _app.MapServing();
        _app.MapOpenApi();
    }

    private static async Task RouteAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response.StatusCode >= 400 && !context.Response.HasStarted)
            throw Unrouted(context);
    }

    /// <summary>The problem that routing detected: an unknown path, or an unsupported method.</summary>
    private static RequestProblem Unrouted(HttpContext context) => context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
        ? RequestProblem.NoMethod(context.Request.Method, context.Response.Headers.Allow.ToString())
        : RequestProblem.NotFound("Unknown path; /openapi/v1.json describes the API.");

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
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // the caller reports a failed start
    }

    private static void AddKestrel(IWebHostBuilder host, ServerOptions options)
    {
        host.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Endpoints count the bytes and explain the problem; Kestrel only limits endless bodies.
            kestrel.Limits.MaxRequestBodySize = Math.Max(RequestJson.LeastServerLimit, 2L * options.Serving.MaxBodyBytes);
            if (options.Host == "localhost")
                kestrel.ListenLocalhost(options.Port);
            else
                kestrel.Listen(IPAddress.Parse(options.Host), options.Port);
        });
    }

    /// <summary>Leaves signals to the caller, who starts and stops the server. The host's own would stop it and tell nobody.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
