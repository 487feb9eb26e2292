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
/// A server of its own: one backbone, the prompts of a directory, HTTP in front, and nothing else. A thin host around what
/// <see cref="PromptServingExtensions.AddPromptServing(IServiceCollection, Action{PromptServingOptions})"/> adds to any app.
/// </summary>
public sealed class PromptServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PromptServer(WebApplication app) => _app = app;

    /// <summary>The address that it listens on, once started.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Names of the prompts in service.</summary>
    public IReadOnlyList<string> PromptNames => [.. _app.Services.GetRequiredService<PromptCatalog>().All.Select(prompt => prompt.Name)];

    internal IServiceProvider Services => _app.Services;

    /// <summary>Loads the model and the prompts, and listens.</summary>
    /// <param name="options">What to serve, and where.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="InputException">An option, the model or the keys cannot be used, or the address is taken; the message says what.</exception>
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

    /// <summary>Takes nothing new, answers what was taken, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(ServerOptions options, Action<WebApplicationBuilder> configure)
    {
        // An empty builder: no settings file of the working directory and no environment variable changes how the server behaves.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddLogging(builder.Logging);
        AddKestrel(builder.WebHost, options);
        builder.Services.AddRoutingCore().AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(json => // what the description is made by
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonText.Options.PropertyNamingPolicy;
            json.SerializerOptions.Encoder = JsonText.Options.Encoder;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        builder.Services.AddSingleton(options.Names).AddSingleton(Options.Create(options.Serving));
        // there is nothing else in the log
        builder.Services.AddSingleton(provider => new ServingLog(provider.GetRequiredService<ILoggerFactory>(), prefix: ""));
        builder.Services.AddServing();
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
        // Around everything, so that an address that is not there and a method that means nothing are answered like any other mistake.
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

    /// <summary>What routing found out: no such path, or no such method of it.</summary>
    private static RequestProblem Unrouted(HttpContext context) => context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
        ? RequestProblem.NoMethod(context.Request.Method, context.Response.Headers.Allow.ToString())
        : RequestProblem.NotFound("There is nothing at this address; /openapi/v1.json describes what there is.");

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
            kestrel.Limits.MaxRequestBodySize = Math.Max(RequestJson.LeastServerLimit, 2L * options.Serving.MaxBodyBytes);
            if (options.Host == "localhost")
                kestrel.ListenLocalhost(options.Port);
            else
                kestrel.Listen(IPAddress.Parse(options.Host), options.Port);
        });
    }
}
