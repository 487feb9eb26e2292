using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Tests;

/// <summary>What the server does not take, and how it ends.</summary>
public sealed class LimitTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_above_the_limit_is_refused_with_or_without_a_declared_length()
    {
        await using var client = await Client.Start(model.Options());
        var large = $$"""{"prompt":"reviews","inputs":["{{new string('a', 3 << 20)}}"]}""";
        (await client.PostText("/v1/predict", large)).ShouldBeProblem(413, "*more than 1048576 bytes*");
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(large));
        using var content = new StreamContent(stream);
        content.Headers.ContentType = new("application/json");
        var chunked = await client.Send(HttpMethod.Post, "/v1/predict", content, request => request.Headers.TransferEncodingChunked = true);
        chunked.ShouldBeProblem(413, "*more than 1048576 bytes*");
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused_and_not_cut()
    {
        await using var client = await Client.Start(model.Options() with { MaxTokens = 12 });
        (await client.Post("/v1/predict", new { prompt = "reviews", inputs = new[] { "it", "one two three four five six seven eight nine ten" } }))
            .ShouldBeProblem(400, "'inputs'?1? has * tokens and prompt 'reviews' 5, expected at most 12 together; nothing is truncated.");
        (await client.Scores(new { prompt = "reviews", inputs = new[] { "it" } })).Should().HaveCount(1);
    }

    [Fact]
    public async Task Rows_and_labels_of_a_request_are_limited()
    {
        await using var client = await Client.Start(model.Options() with { MaxRows = 5, MaxLabels = 3 });
        (await client.Post("/v1/predict", new { prompts = new[] { "reviews", "others" }, inputs = new[] { "a", "b", "c" } }))
            .ShouldBeProblem(400, "The request has 3 inputs for 2 prompts, 6 rows; expected at most 5.");
        (await client.Post("/v1/predict", new { prompt = "reviews", inputs = new[] { "a" }, labels = new[] { "a", "b", "c", "d" } }))
            .ShouldBeProblem(400, "'labels' has 4 labels, expected at most 3.");
        (await client.Post("/v1/predict", new { prompt = "reviews", inputs = new[] { "a" }, labels = new[] { new string('x', 300), "b" } }))
            .ShouldBeProblem(400, "'labels' has * tokens in all, expected at most 48.");
    }

    [Fact]
    public async Task A_full_queue_refuses_and_a_client_that_leaves_frees_its_rows()
    {
        await using var client = await Client.Start(model.Options() with { QueueRows = 6, MaxRows = 6 });
        using var hold = new Hold(client.Server);
        using var leave = new CancellationTokenSource();
        var waiting = PostAndLeave(client, 5, leave.Token);
        await Client.Until(() => Task.FromResult(client.Queue.WaitingRows == 5));
        var refused = await client.Post("/v1/predict", Rows(2));
        refused.ShouldBeProblem(429, "* of at most 6 rows are waiting. Try again in 1 s.");
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        await leave.CancelAsync();
        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        await Client.Until(() => Task.FromResult(client.Queue.WaitingRows == 0));
        var taken = client.Post("/v1/predict", Rows(6));
        await Client.Until(() => Task.FromResult(client.Queue.WaitingRows == 6));
        hold.Dispose();
        (await taken).Status.Should().Be(HttpStatusCode.OK);
        (await client.Metric("residual_prompts_rows_total")).Should().Be(6, "rows of the client that left were not computed");
        (await client.Metric("residual_prompts_rejections_total{status=\"429\"}")).Should().Be(1);
    }

    [Fact]
    public async Task A_request_whose_time_is_over_is_told_so()
    {
        await using var client = await Client.Start(model.Options() with { TimeoutSeconds = 1 });
        using (new Hold(client.Server))
            (await client.Post("/v1/predict", Rows(3))).ShouldBeProblem(504, "No answer within 1 s*");
        (await client.Post("/v1/predict", Rows(3))).Status.Should().Be(HttpStatusCode.OK);
        client.Queue.WaitingRows.Should().Be(0);
    }

    [Fact]
    public async Task A_server_that_stops_answers_what_it_took()
    {
        var client = await Client.Start(model.Options());
        var hold = new Hold(client.Server);
        var requests = Enumerable.Range(0, 20).Select(_ => client.Post("/v1/predict", Rows(4))).ToArray();
        await Client.Until(() => Task.FromResult(client.Queue.WaitingRows == 80));
        var end = client.DisposeServer();
        await Task.Delay(200, Stop);
        end.IsCompleted.Should().BeFalse("it waits for its answers");
        hold.Dispose();
        (await Task.WhenAll(requests)).Should().OnlyContain(answer => answer.Status == HttpStatusCode.OK);
        await end;
        client.Http.Dispose();
    }

    [Fact]
    public async Task Keys_open_what_they_should()
    {
        using var folder = new Testing.TemporaryFolder();
        var keys = folder.Write("keys", "# for tests\n\n0123456789abcdef-one\n0123456789abcdef-two\n");
        await using var client = await Client.Start(model.Options() with { KeysFile = keys });
        void Bearer(HttpRequestMessage request) => request.Headers.Add("Authorization", "Bearer 0123456789abcdef-one");
        foreach (var path in new[] { "/v1/prompts", "/metrics", "/v1/runs" })
            (await client.Get(path)).ShouldBeProblem(401, "Send an API key*");
        (await client.Post("/v1/predict", Rows(1))).ShouldBeProblem(401, "Send an API key*");
        (await client.Send(HttpMethod.Get, "/v1/prompts", null, request => request.Headers.Add("X-Api-Key", "0123456789abcdef-on")))
            .ShouldBeProblem(401, "Send an API key*");
        (await client.Send(HttpMethod.Get, "/v1/prompts", null, Bearer)).Status.Should().Be(HttpStatusCode.OK);
        (await client.Send(HttpMethod.Get, "/v1/prompts", null, request => request.Headers.Add("X-Api-Key", "0123456789abcdef-two")))
            .Status.Should().Be(HttpStatusCode.OK);
        foreach (var path in new[] { "/", "/health/live", "/health/ready", "/openapi/v1.json" })
            (await client.Get(path)).Status.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("", "*contains no key*")]
    [InlineData("short\n", "*line 1: the key has 5 characters, expected at least 16*")]
    [InlineData("0123456789abcdef\nwith white space in it\n", "*line 2*")]
    public async Task Bad_keys_are_refused_at_the_start(string content, string message)
    {
        using var folder = new Testing.TemporaryFolder();
        var start = () => Client.Start(model.Options() with { KeysFile = folder.Write("keys", content) });
        await start.Should().ThrowAsync<ServerException>().WithMessage(message);
    }

    [Fact]
    public async Task Others_can_reach_a_server_only_with_keys_or_when_told()
    {
        var start = () => Client.Start(new ServerOptions { Serving = model.Options(), Host = "0.0.0.0" });
        await start.Should().ThrowAsync<ServerException>()
            .WithMessage("'Host' 0.0.0.0 can be reached from other machines: give 'KeysFile', or set 'AllowAnonymous' if everybody may use it.");
        await using var open = await Client.Start(new ServerOptions { Serving = model.Options(), Port = 0, Host = "0.0.0.0", AllowAnonymous = true });
        open.Server.Address.Should().Contain("0.0.0.0");
    }

    [Fact]
    public async Task All_options_out_of_range_are_named_at_once()
    {
        var start = () => Client.Start(new ServerOptions
        {
            Serving = model.Options() with { QueueRows = 0, TimeoutSeconds = 0 },
            Port = 70000,
            Host = "nowhere"
        });
        await start.Should().ThrowAsync<ServerException>().WithMessage("'Port' is 70000*'QueueRows' is 0*'TimeoutSeconds' is 0*'Host' is 'nowhere'*");
        var nowhere = () => Client.Start(model.Options() with { Prompts = "/nowhere" });
        await nowhere.Should().ThrowAsync<ServerException>().WithMessage("'Prompts' '/nowhere' is not a directory.");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be()
    {
        await using var first = await Client.Start(model.Options());
        var start = () => Client.Start(new ServerOptions { Serving = model.Options(), Port = new Uri(first.Server.Address).Port });
        await start.Should().ThrowAsync<ServerException>()
            .WithMessage("Cannot listen on 127.0.0.1, port *Choose another port with 'Port'; 0 chooses a free one.");
    }

    [Fact]
    public async Task The_log_holds_inputs_only_when_asked()
    {
        await using (var silent = await Client.Start(model.Options()))
        {
            await silent.Scores(new { prompt = "reviews", inputs = new[] { "a secret text" } });
            await silent.PostText("/v1/predict", """{"prompt":"a secret prompt","inputs":["a secret text"]}""");
            await silent.PostText("/v1/predict", """{"inputs":["a secret text", }""");
            await silent.Get("/a%20secret");
            silent.Log.Should().NotBeEmpty().And.NotContain(line => line.Contains("secret"));
        }

        await using var asked = await Client.Start(model.Options() with { LogInputs = true });
        await asked.Scores(new { prompt = "reviews", inputs = new[] { "a secret text" } });
        asked.Log.Should().Contain(line => line.Contains("a secret text"));
    }

    [Fact]
    public async Task A_name_that_points_at_this_machine_is_no_way_in()
    {
        await using var client = await Client.Start(model.Options());
        (await client.Send(HttpMethod.Get, "/v1/prompts", null, request => request.Headers.Host = "evil.example"))
            .ShouldBeProblem(400, "*address it as localhost*");
        (await client.Send(HttpMethod.Get, "/v1/prompts", null, request => request.Headers.Host = "localhost:1234"))
            .Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_metrics_and_description_are_there()
    {
        await using var client = await Client.Start(model.Options());
        (await client.Get("/health/live"))["status"].GetValue<string>().Should().Be("live");
        (await client.Get("/health/ready"))["status"].GetValue<string>().Should().Be("ready");
        await client.Scores(new { prompt = "reviews", inputs = new[] { "a", "b" } });
        (await client.Metric("residual_prompts_queue_rows")).Should().Be(0);
        (await client.Metric("residual_prompts_prompts")).Should().Be(4);
        (await client.Metric("residual_prompts_rows_total")).Should().Be(2);
        (await client.Metric("residual_prompts_tokens_total")).Should().BeGreaterThan(10);
        (await client.Metric("residual_prompts_tokens_per_second")).Should().BePositive();
        (await client.Metric("residual_prompts_batch_fill_ratio_count")).Should().BePositive();
        (await client.Metric("residual_prompts_request_duration_seconds_count{endpoint=\"/v1/predict\",status=\"200\"}")).Should().Be(1);
        var paths = (await client.Get("/openapi/v1.json"))["paths"].AsObject().Select(path => path.Key);
        paths.Should().Contain(["/v1/predict", "/v1/generate", "/v1/prompts", "/v1/prompts/{name}", "/v1/runs", "/v1/runs/events", "/health/live",
            "/health/ready"]);
    }

    [Fact]
    public async Task A_server_whose_batch_does_not_end_is_not_ready_until_it_does()
    {
        var clock = new Clock();
        await using var app = await App.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.AddPromptServing(options =>
                    (options.Model, options.Prompts, options.TimeoutSeconds) = (model.Model, model.Prompts, 2));
            },
            host =>
            {
                host.MapPromptServing("/prompts");
                host.MapHealthChecks("/healthz");
            });
        async Task<int> Ready(string path = "/prompts/health/ready")
        {
            using var answer = await app.GetAsync(path);
            return (int)answer.StatusCode;
        }

        using (new Hold(app.Host.Services))
        {
            (await Ready()).Should().Be(200);
            clock.Now += TimeSpan.FromSeconds(19);
            (await Ready()).Should().Be(200);
            clock.Now += TimeSpan.FromSeconds(1);
            (await Ready()).Should().Be(503);
            (await Ready("/healthz")).Should().Be(503);
            (await Ready("/prompts/health/live")).Should().Be(200);
            using var answer = await app.GetAsync("/prompts/health/ready");
            (await App.JsonAsync(answer))["detail"]!.GetValue<string>().Should().StartWith("The batch that is computed has taken more than 20 s.");
        }

        await Client.Until(async () => await Ready() == 200);
        clock.Now += TimeSpan.FromDays(1);
        (await Ready()).Should().Be(200, "a server that waits is not stuck");
    }

    private sealed class Clock : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private static object Rows(int count) => new { prompt = "reviews", inputs = Enumerable.Range(0, count).Select(i => $"text {i}") };

    private static async Task PostAndLeave(Client client, int count, CancellationToken leave)
    {
        using var content = System.Net.Http.Json.JsonContent.Create(Rows(count));
        using var response = await client.Http.PostAsync("/v1/predict", content, leave);
    }
}

/// <summary>Keeps the tensor thread from starting another batch.</summary>
internal sealed class Hold : IDisposable
{
    private readonly ManualResetEventSlim _go = new();
    private readonly ManualResetEventSlim _stands = new();

    internal Hold(PromptServer server)
        : this(server.Services)
    {
    }

    internal Hold(IServiceProvider services)
    {
        _ = services.GetRequiredService<TensorQueue>().RunAsync(
            () =>
            {
                _stands.Set();
                _go.Wait();
                return true;
            },
            CancellationToken.None);
        _stands.Wait();
    }

    public void Dispose() => _go.Set();
}
