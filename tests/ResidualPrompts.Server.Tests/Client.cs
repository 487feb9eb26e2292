using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Tests;

/// <summary>An answer of the server.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonNode? Json, HttpResponseHeaders Headers, string? MediaType)
{
    internal JsonNode this[string key] => Json![key]!;

    /// <summary>Asserts that it is a problem with a status and a message.</summary>
    internal void ShouldBeProblem(int status, string detail)
    {
        ((int)Status).Should().Be(status, Json?.ToJsonString());
        MediaType.Should().Be("application/problem+json");
        Json!["status"]!.GetValue<int>().Should().Be(status);
        Json["title"]!.GetValue<string>().Should().NotBeEmpty();
        Json["detail"]!.GetValue<string>().Should().Match(detail);
    }
}

/// <summary>A server on a free port with a client of it, and the lines of its log.</summary>
internal sealed class Client : IAsyncDisposable
{
    private Client(PromptServer server, HttpClient http, ConcurrentQueue<string> log) => (Server, Http, Log) = (server, http, log);

    internal PromptServer Server { get; }

    internal HttpClient Http { get; }

    internal TensorQueue Queue => Server.Services.GetRequiredService<TensorQueue>();

    internal ConcurrentQueue<string> Log { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static Task<Client> Start(PromptServingOptions options) => Start(new ServerOptions { Serving = options, Port = 0 });

    internal static async Task<Client> Start(ServerOptions options)
    {
        var log = new ConcurrentQueue<string>();
        void Configure(WebApplicationBuilder builder)
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<ILoggerProvider>(new ListLoggerProvider(log));
        }

        var server = await PromptServer.StartAsync(options, Configure, Stop);
        return new Client(server, new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromSeconds(60) }, log);
    }

    internal Task<Answer> Post(string path, object body) => Send(HttpMethod.Post, path, JsonContent.Create(body));

    internal Task<Answer> PostText(string path, string body) =>
        Send(HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, "application/json"));

    internal Task<Answer> Get(string path) => Send(HttpMethod.Get, path, null);

    internal async Task<Answer> Send(HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        change?.Invoke(request);
        using var response = await Http.SendAsync(request, Stop);
        var bytes = await response.Content.ReadAsByteArrayAsync(Stop);
        var type = response.Content.Headers.ContentType?.MediaType;
        return new Answer(response.StatusCode, type?.EndsWith("json", StringComparison.Ordinal) == true ? JsonSerializer.Deserialize<JsonNode>(bytes)
            : null, response.Headers, type);
    }

    /// <summary>Predicts and gives the scores of each input in label order.</summary>
    internal async Task<double[][]> Scores(object body)
    {
        var answer = await Post("/v1/predict", body);
        answer.Status.Should().Be(HttpStatusCode.OK, answer.Json?.ToJsonString());
        return [.. answer["predictions"].AsArray()
            .Select(prediction => prediction!["scores"]!.AsObject().Select(score => score.Value!.GetValue<double>()).ToArray())];
    }

    /// <summary>Waits until something is so.</summary>
    internal static async Task Until(Func<Task<bool>> isSo, int seconds = 20)
    {
        for (var end = DateTime.UtcNow.AddSeconds(seconds); !await isSo(); await Task.Delay(20, Stop))
            (DateTime.UtcNow < end).Should().BeTrue("it must become so in time");
    }

    internal async Task<string[]> PromptNames() =>
        [.. (await Get("/v1/prompts"))["prompts"].AsArray().Select(prompt => prompt!["name"]!.GetValue<string>())];

    /// <summary>A number of <c>/metrics</c>; its labels are part of the name.</summary>
    internal async Task<double> Metric(string name)
    {
        var lines = (await Http.GetStringAsync("/metrics", Stop)).Split('\n');
        return double.Parse(lines.Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a request whose path is taken as it is, which no client of .NET does, and gives the status.</summary>
    internal async Task<int> Raw(string method, string path, string key)
    {
        var address = new Uri(Server.Address);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, Stop);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Stop);
        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync(Stop);
        return int.Parse(status!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    internal Task DisposeServer() => Server.DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Http.Dispose();
    }
}

/// <summary>Keeps the lines of a log, each with its category at the end.</summary>
internal sealed class ListLoggerProvider(ConcurrentQueue<string> lines) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ListLogger(lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class ListLogger(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception} [{category}]");
    }
}
