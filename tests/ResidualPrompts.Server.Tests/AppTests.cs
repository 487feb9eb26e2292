using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Tests;

/// <summary>The serving inside somebody's own app.</summary>
public sealed partial class AppTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private static readonly string[] HeadersOfOurs = ["X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "Server-Timing"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoints_beside_it_get_none_of_its_headers_keys_problems_and_counts()
    {
        var keys = Path.Combine(model.Root, "keys");
        await File.WriteAllTextAsync(keys, "0123456789abcdef\n", Stop);
        await using var app = await App.StartAsync(
            builder =>
            {
                Add(builder, options => options.KeysFile = keys);
                builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = null);
            },
            host =>
            {
                host.UseExceptionHandler(handler => handler.Run(context => context.Response.WriteAsync("the app's own words")));
                host.MapGet("/own", () => "own");
                host.MapGet("/v1/own", () => Results.Json(new { SomeName = 1 }));
                host.MapGet("/own/fails", string () => throw new InvalidOperationException("own failure"));
                host.MapPromptServing("/prompts");
            });

        foreach (var path in new[] { "/own", "/v1/own", "/own/fails", "/nothing", "/prompts/nothing" })
        {
            using var response = await app.GetAsync(path);
            response.Headers.Concat(response.Content.Headers).Select(header => header.Key).Should().NotContain(HeadersOfOurs, path);
        }

        (await app.TextAsync("/v1/own")).Should().Be("""{"SomeName":1}""");
        using var failed = await app.GetAsync("/own/fails");
        (failed.StatusCode, await failed.Content.ReadAsStringAsync(Stop)).Should().Be((HttpStatusCode.InternalServerError, "the app's own words"));
        using var nothing = await app.GetAsync("/nothing");
        (nothing.StatusCode, await nothing.Content.ReadAsStringAsync(Stop)).Should().Be((HttpStatusCode.NotFound, ""));

        using var closed = await app.GetAsync("/prompts/v1/prompts");
        closed.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        closed.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        app.Http.DefaultRequestHeaders.Add("X-Api-Key", "0123456789abcdef");
        using var list = await app.GetAsync("/prompts/v1/prompts");
        list.Headers.Select(header => header.Key).Should().Contain(HeadersOfOurs);
        (await App.JsonAsync(list))["prompts"]!.AsArray().Select(prompt => prompt!["num_virtual_tokens"]!.GetValue<int>()).Should().Equal(0, 2, 5, 3);

        var counted = (await app.TextAsync("/prompts/metrics")).Split('\n')
            .Where(line => line.StartsWith("residual_prompts_request_duration_seconds_count", StringComparison.Ordinal));
        counted.Should().Equal(
            "residual_prompts_request_duration_seconds_count{endpoint=\"/prompts/v1/prompts\",status=\"401\"} 1",
            "residual_prompts_request_duration_seconds_count{endpoint=\"/prompts/v1/prompts\",status=\"200\"} 1");
        var requests = app.Log.Where(line => line.EndsWith("[ResidualPrompts.Server.requests]", StringComparison.Ordinal)).ToArray();
        requests.Should().NotBeEmpty().And.OnlyContain(line => line.Contains(" /prompts/"));
        app.Log.Count(line =>
            line.Contains(" is in service") && line.EndsWith("[ResidualPrompts.Server.prompts]", StringComparison.Ordinal)).Should().Be(3);
    }

    [Fact]
    public async Task A_problem_keeps_the_headers_of_the_app_and_a_failure_inside_is_a_problem_of_the_serving()
    {
        await using var app = await App.StartAsync(builder => Add(builder), host =>
        {
            host.UseExceptionHandler(handler => handler.Run(context => context.Response.WriteAsync("the app's own words")));
            host.Use(async (context, next) =>
            {
                context.Response.Headers["X-App"] = "1";
                await next(context);
            });
            host.MapPromptServing("/prompts").AddEndpointFilter((invocation, next) =>
                invocation.HttpContext.Request.Headers.ContainsKey("X-Fail") ? throw new InvalidOperationException("a filter failed")
                    : next(invocation));
        });
        using var bad = await app.PostAsync("/prompts/v1/predict", new { prompt = "nobody", inputs = new[] { "a" } });
        bad.StatusCode.Should().Be(HttpStatusCode.NotFound);
        bad.Headers.GetValues("X-App").Should().Equal("1");
        (await App.JsonAsync(bad))["detail"]!.GetValue<string>().Should()
            .StartWith("No prompt 'nobody'; expected one of none, others, reviews, subjects");
        app.Http.DefaultRequestHeaders.Add("X-Fail", "1");
        using var failed = await app.GetAsync("/prompts/v1/prompts");
        failed.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await App.JsonAsync(failed))["title"]!.GetValue<string>().Should().Be("Internal server error");
        app.Log.Should().ContainSingle(line => line.StartsWith("Error") && line.Contains("a filter failed"));
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "/prompts", "/prompts")]
    [InlineData("/base", "/deep/er", "/base/deep/er")]
    [InlineData("/base", "", "/base")]
    public async Task Everything_answers_below_a_prefix_and_a_path_base(string pathBase, string prefix, string address)
    {
        await using var app = await App.StartAsync(builder => Add(builder), host =>
        {
            host.UsePathBase(pathBase);
            host.UseRouting();
            host.MapPromptServing(prefix);
        });
        using var predicted = await app.PostAsync($"{address}/v1/predict", new { prompt = "reviews", inputs = new[] { new { text = "warm" } } });
        predicted.StatusCode.Should().Be(HttpStatusCode.OK);
        (await App.JsonAsync(predicted))["predictions"]!.AsArray().Should().HaveCount(1);
        using var generated = await app.PostAsync(
            $"{address}/v1/generate", new { prompt = "reviews", inputs = new[] { "warm" }, max_new_tokens = 2 });
        generated.StatusCode.Should().Be(HttpStatusCode.OK);
        foreach (var path in new[] { "/v1/prompts", "/health/live", "/health/ready", "/metrics" })
            (await app.TextAsync(address + path)).Should().NotBeEmpty(path);

        var page = await app.TextAsync($"{address}/");
        page.Should().Contain("<title>ResidualPrompts</title>");
        var files = Address().Matches(page).Select(match => match.Groups[1].Value).Where(file => !file.StartsWith('#')).ToArray();
        files.Should().Contain(["page.js", "style.css", "icon.svg"]).And.NotContain(file => file.StartsWith('/'));
        foreach (var file in files)
            (await app.TextAsync($"{address}/{file}")).Should().NotContain("\"/v1/").And.NotContain("`/v1/");
        if (address.Length == 0)
            return;
        using var withoutSlash = await app.GetAsync($"{address}?a=b");
        withoutSlash.StatusCode.Should().Be(HttpStatusCode.Redirect);
        new Uri(new Uri(app.Http.BaseAddress!, address), withoutSlash.Headers.Location!).PathAndQuery.Should().Be($"{address}/?a=b");
    }

    [Fact]
    public async Task Authorization_of_the_app_composes_and_allows_changes()
    {
        await using var app = await App.StartAsync(
            builder =>
            {
                Add(builder);
                builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderUser>("header", _ => { });
                builder.Services.AddAuthorization();
            },
            host =>
            {
                host.MapGet("/own", () => "own");
                host.MapPromptServing("/prompts").RequireAuthorization();
            });
        (await app.TextAsync("/own")).Should().Be("own");
        foreach (var path in new[] { "/prompts/", "/prompts/v1/prompts", "/prompts/health/ready", "/prompts/metrics" })
        {
            using var refused = await app.GetAsync(path);
            (refused.StatusCode, refused.Content.Headers.ContentType).Should().Be((HttpStatusCode.Unauthorized, null), path);
        }

        app.Http.DefaultRequestHeaders.Add("X-User", "ada");
        (await app.TextAsync("/prompts/v1/prompts")).Should().Contain("reviews");
        using var loaded = await app.Http.PutAsync("/prompts/v1/prompts/reviews", null, Stop);
        loaded.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_keys_and_authorization_prompts_are_not_changed()
    {
        await using var app = await App.StartAsync(builder => Add(builder), host => host.MapPromptServing("/prompts"));
        using var refused = await app.Http.DeleteAsync("/prompts/v1/prompts/reviews", Stop);
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await App.JsonAsync(refused))["detail"]!.GetValue<string>().Should().EndWith("start it with 'KeysFile'.");
    }

    [Fact]
    public async Task Options_come_from_the_configuration()
    {
        await using var app = await App.StartAsync(builder =>
            Configure(builder, ("Model", model.Model), ("Prompts", model.Prompts), ("MaxRows", "2")), host => host.MapPromptServing("/prompts"));
        using var taken = await app.PostAsync("/prompts/v1/predict", new { prompt = "reviews", inputs = new[] { "a", "b" } });
        taken.StatusCode.Should().Be(HttpStatusCode.OK);
        using var refused = await app.PostAsync("/prompts/v1/predict", new { prompt = "reviews", inputs = new[] { "a", "b", "c" } });
        (await App.JsonAsync(refused))["detail"]!.GetValue<string>().Should().EndWith("3 rows; expected at most 2.");
    }

    [Theory]
    [InlineData("*'MaxRows' is 0, expected 1 to 1024*'TimeoutSeconds' is -1, expected 1 to 86400*", typeof(OptionsValidationException), "MaxRows",
        "0", "TimeoutSeconds", "-1")]
    [InlineData("*'Model' is missing*", typeof(OptionsValidationException), "Model", "")]
    [InlineData("*'MaxRow'*", typeof(InvalidOperationException), "MaxRow", "3")]
    [InlineData("*'many'*MaxRows*", typeof(InvalidOperationException), "MaxRows", "many")]
    [InlineData("No model 'nope'*", typeof(InputException), "Model", "nope")]
    [InlineData("'Prompts' '/nowhere' is not a directory.", typeof(InputException), "Prompts", "/nowhere")]
    [InlineData("'Runs' '/nowhere' is not a directory.", typeof(InputException), "Runs", "/nowhere")]
    [InlineData("'KeysFile' '/nowhere' cannot be read*", typeof(InputException), "KeysFile", "/nowhere")]
    public async Task An_app_that_cannot_serve_does_not_start(string message, Type exception, params string[] settings)
    {
        var pairs = settings.Chunk(2).Select(pair => (pair[0], pair[1])).ToArray();
        (string, string)[] all = settings[0] == "Model" ? pairs : [("Model", model.Model), .. pairs];
        var start = () => App.StartAsync(builder => Configure(builder, all), host => host.MapPromptServing("/prompts"));
        (await start.Should().ThrowAsync<Exception>().WithMessage(message)).Which.Should().BeAssignableTo(exception);
    }

    [Fact]
    public async Task Health_checks_are_those_of_the_app()
    {
        await using var app = await App.StartAsync(builder => Add(builder), host =>
        {
            host.MapHealthChecks("/healthz");
            host.MapHealthChecks("/livez", new() { Predicate = check => check.Tags.Contains("live") });
            host.MapPromptServing("/prompts");
        });
        (await app.TextAsync("/healthz")).Should().Be("Healthy");
        (await app.TextAsync("/livez")).Should().Be("Healthy");
        app.Host.Services.GetRequiredService<TensorQueue>().Close();
        await Client.Until(() => Task.FromResult(!app.Host.Services.GetRequiredService<TensorThread>().IsAlive));
        foreach (var path in new[] { "/healthz", "/livez", "/prompts/health/ready" })
        {
            using var dead = await app.GetAsync(path);
            dead.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, path);
        }
    }

    [Fact]
    public async Task An_app_that_stops_answers_what_it_took()
    {
        await using var app = await App.StartAsync(builder => Add(builder), host => host.MapPromptServing("/prompts"));
        using var hold = new Hold(app.Host.Services);
        var requests = Enumerable.Range(0, 10)
            .Select(_ => app.PostAsync("/prompts/v1/predict", new { prompt = "reviews", inputs = new[] { "a", "b" } })).ToArray();
        await Client.Until(() => Task.FromResult(app.Host.Services.GetRequiredService<TensorQueue>().WaitingRows == 20));
        var thread = app.Host.Services.GetRequiredService<TensorThread>();
        var end = app.Host.StopAsync(Stop);
        await Task.Delay(200, Stop);
        end.IsCompleted.Should().BeFalse("it waits for its answers");
        hold.Dispose();
        foreach (var response in await Task.WhenAll(requests))
        {
            using (response)
                response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await end;
        await app.Host.DisposeAsync();
        thread.IsAlive.Should().BeFalse();
    }

    [Fact]
    public void An_app_serves_one_model_and_says_so()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddPromptServing(options => options.Model = "t5-nano");
        var again = () => builder.Services.AddPromptServing(options => options.Model = "t5-nano");
        again.Should().Throw<InvalidOperationException>().WithMessage("AddPromptServing was called twice, but an app serves one model*");
        var map = () => WebApplication.CreateBuilder().Build().MapPromptServing("/prompts");
        map.Should().Throw<InvalidOperationException>().WithMessage("*AddPromptServing*first.");
    }

    [Fact]
    public async Task Events_are_written_in_their_own_form_whatever_the_options_of_the_app()
    {
        using var folder = new Testing.TemporaryFolder();
        var run = Directory.CreateDirectory(folder.File("live")).FullName;
        await File.WriteAllTextAsync(Path.Combine(run, "run.json"), "{}", Stop);
        await File.WriteAllTextAsync(Path.Combine(run, "events.jsonl"), "{\"step\":1}\n", Stop);
        await using var app = await App.StartAsync(
            builder =>
            {
                Add(builder, options => options.Runs = folder.Path);
                builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = null);
            },
            host => host.MapPromptServing("/prompts"));
        using var response = await app.Http.GetAsync("/prompts/v1/runs/events?run=live", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        (await reader.ReadLineAsync(Stop)).Should().Be("event: run");
        var data = JsonNode.Parse((await reader.ReadLineAsync(Stop))!["data: ".Length..])!;
        (data["run"]!.GetValue<string>(), data["lines"]![0]!.GetValue<string>()).Should().Be(("live", "{\"step\":1}"));
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Address();

    private static void Configure(WebApplicationBuilder builder, params (string Key, string Value)[] settings)
    {
        foreach (var (key, value) in settings)
            builder.Configuration[$"PromptServing:{key}"] = value;
        builder.Services.AddPromptServing(builder.Configuration.GetSection("PromptServing"));
    }

    private void Add(WebApplicationBuilder builder, Action<PromptServingOptions>? change = null) => builder.Services.AddPromptServing(options =>
    {
        (options.Model, options.Prompts) = (model.Model, model.Prompts);
        change?.Invoke(options);
    });

    /// <summary>Whoever names himself is let in.</summary>
    private sealed class HeaderUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
            Task.FromResult(Request.Headers["X-User"].ToString() is { Length: > 0 } name
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)],
                "header")), "header"))
            : AuthenticateResult.NoResult());
    }
}
