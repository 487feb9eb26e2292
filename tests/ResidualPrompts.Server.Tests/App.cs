using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ResidualPrompts.Server.Tests;

/// <summary>Somebody's own app on a free port, with a client of it and the lines of its log.</summary>
internal sealed class App : IAsyncDisposable
{
    private App(WebApplication host, HttpClient http, ConcurrentQueue<string> log) => (Host, Http, Log) = (host, http, log);

    internal WebApplication Host { get; }

    internal HttpClient Http { get; }

    internal ConcurrentQueue<string> Log { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static async Task<App> StartAsync(Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        var log = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(new ListLoggerProvider(log));
        add(builder);
        var host = builder.Build();
        try
        {
            map(host);
            await host.StartAsync(Stop);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        return new App(host, new HttpClient(handler) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) }, log);
    }

    internal Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(path, Stop);

    internal Task<HttpResponseMessage> PostAsync(string path, object body) => Http.PostAsJsonAsync(path, body, Stop);

    internal Task<string> TextAsync(string path) => Http.GetStringAsync(path, Stop);

    internal static async Task<JsonNode> JsonAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize<JsonNode>(await response.Content.ReadAsByteArrayAsync(Stop))!;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }
}
