using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace ResidualPrompts.Server.Tests;

/// <summary>What real clients send, byte for byte.</summary>
public sealed class RawHttpTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private const string Good = """{"prompt":"reviews","inputs":["a"]}""";
    private const string Close = "Connection: close\r\n";

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/ready/")]
    [InlineData("/metrics")]
    [InlineData("/v1/prompts")]
    [InlineData("/v1/runs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/")]
    [InlineData("/page.js")]
    public async Task Head_is_answered_as_get_is_without_the_body(string path)
    {
        await using var client = await Client.Start(model.Options() with { Runs = model.Root });
        var get = await SendAsync(client, $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{Close}\r\n");
        var head = await SendAsync(client, $"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n{Close}\r\n");
        RawHttp.Status(get).Should().Be(200);
        RawHttp.Status(head).Should().Be(200);
        RawHttp.Body(get).Should().NotBeEmpty();
        RawHttp.Body(head).Should().BeEmpty();
        Header(head, "Content-Type").Should().Be(Header(get, "Content-Type")).And.NotBeNull();
    }

    [Fact]
    public async Task Head_of_a_stream_of_events_ends_at_once_and_checks_the_name()
    {
        using var folder = new Testing.TemporaryFolder();
        Directory.CreateDirectory(folder.File("live"));
        await File.WriteAllTextAsync(folder.File("live", "run.json"), "{}", TestContext.Current.CancellationToken);
        await using var client = await Client.Start(model.Options() with { Runs = folder.Path });
        var head = await SendAsync(client, $"HEAD /v1/runs/events?run=live HTTP/1.1\r\nHost: localhost\r\n{Close}\r\n");
        RawHttp.Status(head).Should().Be(200);
        Header(head, "Content-Type").Should().Be("text/event-stream");
        RawHttp.Body(head).Should().BeEmpty();
        RawHttp.Status(await SendAsync(client, $"HEAD /v1/runs/events?run=no HTTP/1.1\r\nHost: localhost\r\n{Close}\r\n")).Should().Be(404);
    }

    [Fact]
    public async Task Head_of_what_is_not_there_or_changes_something_is_refused_without_a_body()
    {
        await using var client = await Client.Start(model.Options());
        foreach (var (path, status) in new[] { ("/nothing", 404), ("/v1/predict", 405), ("/v1/prompts/reviews", 405) })
        {
            var answer = await SendAsync(client, $"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n{Close}\r\n");
            RawHttp.Status(answer).Should().Be(status, path);
            RawHttp.Body(answer).Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("GET /health/ready HTTP/1.0\r\n\r\n", 200)]
    [InlineData("HEAD /health/live HTTP/1.0\r\n\r\n", 200)]
    [InlineData("GET /health/ready HTTP/1.0\r\nHost: evil.example\r\n\r\n", 400)]
    [InlineData("GET /health/ready HTTP/1.0\r\nHost:\r\n\r\n", 400)]
    [InlineData("GET /health/ready HTTP/1.1\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: LOCALHOST\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: LocalHost:8080\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: localhost.\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET http://localhost/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET http://evil.example/health/ready HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET http://localhost/health/ready HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET http://evil.example/health/ready HTTP/1.0\r\n\r\n", 400)]
    [InlineData("OPTIONS /v1/predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405)]
    [InlineData("GET /health/ready/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET //v1/prompts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404)]
    public async Task Who_is_asked_is_checked_and_health_checks_get_through(string request, int status)
    {
        await using var client = await Client.Start(model.Options());
        RawHttp.Status(await SendAsync(client, request)).Should().Be(status, request);
    }

    [Theory]
    [InlineData("application/json", 200)]
    [InlineData("Application/JSON; charset=UTF-8", 200)]
    [InlineData("application/json; charset=\"utf-8\"", 200)]
    [InlineData("text/json", 200)]
    [InlineData("application/vnd.api+json", 200)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=latin1", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/jsonp", 415)]
    [InlineData("nonsense", 415)]
    [InlineData("", 415)]
    [InlineData(null, 415)]
    public async Task The_type_of_a_body_is_json_and_another_one_is_named(string? type, int status)
    {
        await using var client = await Client.Start(model.Options());
        foreach (var path in new[] { "/v1/predict", "/v1/predict/", "/v1/generate" })
        {
            var answer = await PostAsync(client, Good, type is null ? "" : $"Content-Type: {type}\r\n", path);
            RawHttp.Status(answer).Should().Be(status, answer);
            if (status == 415)
                answer.Should().Contain("application/problem+json").And.Contain("expected 'Content-Type: application/json' and JSON in UTF-8.");
        }
    }

    [Theory]
    [InlineData("{\"prompt\":\"reviews\",\"inputs\":[\"caf\u00e9\"]}", "The body is not UTF-8: byte 0xE9 at place 34; send JSON in UTF-8.")]
    [InlineData("{\"caf\u00e9\":1}", "The body is not UTF-8: byte 0xE9 at place 5; send JSON in UTF-8.")]
    [InlineData("\u00ff\u00fe{\0}\0", "The body is in UTF-16 or UTF-32, expected JSON in UTF-8.")]
    [InlineData("\u00fe\u00ff\0{\0}", "The body is in UTF-16 or UTF-32, expected JSON in UTF-8.")]
    [InlineData("{\0}\0", "The body is in UTF-16 or UTF-32, expected JSON in UTF-8.")]
    [InlineData("\u00ef\u00bb\u00bf", "The body is empty, expected a JSON object.")]
    [InlineData("\u00ef\u00bb\u00bf[]", "The body is an array, expected an object with *")]
    public async Task A_body_in_another_encoding_is_told_so(string body, string detail)
    {
        await using var client = await Client.Start(model.Options());
        var answer = await PostAsync(client, body);
        RawHttp.Status(answer).Should().Be(400);
        System.Text.Json.Nodes.JsonNode.Parse(Payload(answer))!["detail"]!.GetValue<string>().Should().Match(detail);
    }

    [Fact]
    public async Task A_byte_order_mark_is_accepted()
    {
        await using var client = await Client.Start(model.Options());
        RawHttp.Status(await PostAsync(client, "\u00ef\u00bb\u00bf" + Good)).Should().Be(200);
    }

    [Fact]
    public async Task A_compressed_body_is_told_to_be_sent_plain()
    {
        await using var client = await Client.Start(model.Options());
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Good), TestContext.Current.CancellationToken);
        var answer = await PostAsync(
            client, Encoding.Latin1.GetString(packed.ToArray()), "Content-Type: application/json\r\nContent-Encoding: gzip\r\n");
        RawHttp.Status(answer).Should().Be(415);
        answer.Should().Contain("the content encoding 'gzip', expected none");
        RawHttp.Status(await PostAsync(client, Good, "Content-Type: application/json\r\nContent-Encoding: identity\r\n")).Should().Be(200);
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("10000000000000000\r\n{}\r\n0\r\n\r\n")]
    [InlineData("7FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("80000000\r\n{}\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("-1\r\n{}\r\n0\r\n\r\n")]
    [InlineData("\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}xx0\r\n\r\n")]
    public async Task A_chunk_without_a_possible_size_is_a_bad_request_and_ends_the_connection(string chunks)
    {
        await using var client = await Client.Start(model.Options());
        var answer = await SendAsync(client, "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"Transfer-Encoding: chunked\r\n\r\n{chunks}GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        RawHttp.Status(answer).Should().Be(400, answer);
        answer.Split("HTTP/1.1 ").Should().HaveCount(2, "what follows is not a request");
        client.Log.Should().NotContain(line => line.StartsWith("Error"));
        RawHttp.Status(await PostAsync(client, Good)).Should().Be(200);
    }

    [Theory]
    [InlineData("99999999999999999999", 400)]
    [InlineData("-1", 400)]
    [InlineData("35\r\nContent-Length: 36", 400)]
    [InlineData("20", 400)]
    [InlineData("400", 408)]
    public async Task A_wrong_length_is_a_bad_request_or_waits_for_its_rest_until_the_time_is_over(string length, int status)
    {
        await using var client = await Client.Start(model.Options() with { TimeoutSeconds = 1 });
        var answer = await SendAsync(client,
            $"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{Close}\r\n{Good}");
        RawHttp.Status(answer).Should().Be(status, answer);
        client.Log.Should().NotContain(line => line.StartsWith("Error"));
    }

    [Fact]
    public async Task Inside_an_app_it_is_the_same()
    {
        await using var app = await App.StartAsync(
            builder => builder.Services.AddPromptServing(options => (options.Model, options.Prompts) = (model.Model, model.Prompts)),
            host => host.MapPromptServing("/prompts"));
        var address = app.Http.BaseAddress!.ToString();
        foreach (var path in new[] { "/", "/v1/prompts", "/health/ready", "/metrics" })
            RawHttp.Status(await RawHttp.SendAsync(address, $"HEAD /prompts{path} HTTP/1.1\r\nHost: a\r\n{Close}\r\n")).Should().Be(200, path);
        foreach (var type in new[] { "", "Content-Type: application/x-www-form-urlencoded\r\n" })
        {
            var answer = await RawHttp.SendAsync(address, string.Create(CultureInfo.InvariantCulture,
                $"POST /prompts/v1/predict HTTP/1.1\r\nHost: a\r\n{type}Content-Length: {Good.Length}\r\n{Close}\r\n{Good}"));
            RawHttp.Status(answer).Should().Be(415, answer);
            answer.Should().Contain("application/problem+json").And.Contain("application/json'");
        }

        var chunk = await RawHttp.SendAsync(address, "POST /prompts/v1/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n");
        RawHttp.Status(chunk).Should().Be(400, chunk);
    }

    private static Task<string> SendAsync(Client client, string request) =>
        RawHttp.SendAsync(client.Server.Address, request);

    private static Task<string> PostAsync(
        Client client, string body, string headers = "Content-Type: application/json\r\n", string path = "/v1/predict") =>
        SendAsync(client, string.Create(CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {body.Length}\r\n{Close}\r\n{body}"));

    private static string? Header(string answer, string name) => answer.Split("\r\n\r\n")[0].Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>The JSON of a body, whether it is sent in chunks or not.</summary>
    private static string Payload(string answer) => RawHttp.Body(answer) is var body && body.StartsWith('{') ? body
        : body[body.IndexOf('{')..(body.LastIndexOf('}') + 1)];
}
