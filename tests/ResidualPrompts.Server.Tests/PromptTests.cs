using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ResidualPrompts.Files;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server.Tests;

/// <summary>Prompts that come, change and go while the server runs.</summary>
public sealed class PromptTests : IDisposable
{
    private static readonly LabelWords Words = LabelWords.Of(("0", "negative"), ("1", "positive"));
    private readonly TinyPrompts _model = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_directory_is_watched()
    {
        await using var client = await Client.Start(_model.Options());
        (await client.PromptNames()).Should().Equal("none", "others", "reviews", "subjects");
        _model.AddPrompt("new", 4, 9, "{text}", Words);
        await Client.Until(async () => (await client.PromptNames()).Contains("new"));
        await Client.Until(async () => (await client.Post("/v1/predict", new { prompt = "new", inputs = new[] { "a" } }))
            .Status == HttpStatusCode.OK);
        _model.AddPrompt("new", 6, 10, "{text}", Words);
        var expected = _model.Offline("new", "a", TinyPrompts.Reviews);
        await Client.Until(async () =>
            Math.Abs((await client.Scores(new { prompt = "new", inputs = new[] { "a" }, labels = TinyPrompts.Reviews }))[0][0] - expected[
                0]) <= 1e-5);
        Directory.Delete(Path.Combine(_model.Prompts, "new"), recursive: true);
        await Client.Until(async () => !(await client.PromptNames()).Contains("new"));
        (await client.Post("/v1/predict", new { prompt = "new", inputs = new[] { "a" } })).ShouldBeProblem(404, "No prompt 'new'*");
    }

    [Fact]
    public async Task A_broken_new_version_leaves_the_old_one_in_service()
    {
        await using var client = await Client.Start(_model.Options());
        var before = await client.Scores(new { prompt = "reviews", inputs = new[] { "a" } });
        await File.WriteAllTextAsync(Path.Combine(_model.Prompts, "reviews", "adapter_model.safetensors"), "broken", Stop);
        await Client.Until(async () => (await Problem(client, "reviews")) is not null);
        (await Problem(client, "reviews")).Should().Contain("adapter_model.safetensors");
        PredictTests.ShouldBeClose((await client.Scores(new { prompt = "reviews", inputs = new[] { "a" } }))[0], before[0]);
        _model.AddPrompt("reviews", 5, 1, "review: {text}", Words);
        await Client.Until(async () => (await Problem(client, "reviews")) is null);
    }

    [Fact]
    public async Task Reloading_and_removing_drops_no_request()
    {
        await using var client = await Client.Start(_model.Options());
        var (first, second) = (_model.Offline("reviews", "warm", TinyPrompts.Reviews), Array.Empty<double>());
        using var enough = new CancellationTokenSource();
        var seen = new ConcurrentQueue<double[]>();
        var clients = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                foreach (var scores in await client.Scores(new { prompt = "reviews", inputs = new[] { "warm" } }))
                    seen.Enqueue(scores);
            }
        }).ToArray();
        for (var version = 0; version < 12; version++)
        {
            _model.AddPrompt("reviews", 3 + version, 20 + version, "review: {text}", Words);
            second = _model.Offline("reviews", "warm", TinyPrompts.Reviews);
            await client.Server.Services.GetRequiredService<PromptDirectory>().RefreshAsync(Stop);
        }

        await Client.Until(() => Task.FromResult(seen.Any(scores => Math.Abs(scores[0] - second[0]) < 1e-5))); // however slow the machine is
        await enough.CancelAsync();
        await Task.WhenAll(clients);
        var all = seen.ToList();
        all.Should().Contain(scores => Math.Abs(scores[0] - second[0]) < 1e-5).And.OnlyContain(scores => scores.All(double.IsFinite));
        all.Count.Should().BeGreaterThan(8);
        first[0].Should().NotBeApproximately(second[0], 1e-3);
    }

    [Fact]
    public async Task A_prompt_whose_files_are_being_replaced_answers_as_before()
    {
        await using var client = await Client.Start(_model.Options());
        var directory = client.Server.Services.GetRequiredService<PromptDirectory>();
        var config = Path.Combine(_model.Prompts, "reviews", "adapter_config.json");
        var temporary = AtomicFile.TemporaryOf(config);
        File.Move(config, temporary);
        await directory.RefreshAsync(Stop);
        (await client.PromptNames()).Should().Contain("reviews");
        File.Delete(temporary); // so its owner deleted the prompt
        await directory.RefreshAsync(Stop);
        (await client.PromptNames()).Should().NotContain("reviews");
    }

    [Fact]
    public async Task A_held_prompt_lives_until_its_request_is_answered()
    {
        await using var client = await Client.Start(_model.Options());
        using var hold = new Hold(client.Server);
        var expected = _model.Offline("reviews", "warm", TinyPrompts.Reviews);
        var waiting = client.Scores(new { prompt = "reviews", inputs = new[] { "warm" } });
        await Client.Until(() => Task.FromResult(client.Queue.WaitingRows == 1));
        client.Server.Services.GetRequiredService<PromptCatalog>().Remove("reviews").Should().BeTrue();
        hold.Dispose();
        PredictTests.ShouldBeClose((await waiting)[0], expected);
    }

    [Fact]
    public async Task With_a_key_prompts_are_put_in_and_taken_out_of_service()
    {
        var keys = Path.Combine(_model.Root, "keys");
        await File.WriteAllTextAsync(keys, "0123456789abcdef\n", Stop);
        await using var client = await Client.Start(_model.Options() with { KeysFile = keys });
        client.Http.DefaultRequestHeaders.Add("X-Api-Key", "0123456789abcdef");
        (await client.Send(HttpMethod.Delete, "/v1/prompts/reviews", null)).Status.Should().Be(HttpStatusCode.NoContent);
        await Task.Delay(1200, Stop);
        (await client.PromptNames()).Should().NotContain("reviews", "its files are as they were");
        (await client.Send(HttpMethod.Delete, "/v1/prompts/reviews", null)).ShouldBeProblem(404, "There is no prompt directory 'reviews'.");
        (await client.Send(HttpMethod.Put, "/v1/prompts/reviews", null))["num_virtual_tokens"].GetValue<int>().Should().Be(5);
        (await client.PromptNames()).Should().Contain("reviews");
        (await client.Send(HttpMethod.Delete, "/v1/prompts/none", null)).ShouldBeProblem(404, "*");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("..%2Fmodel")]
    [InlineData("..%5cmodel")]
    [InlineData("%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("%2Fetc")]
    [InlineData("reviews%2F..%2Fothers")]
    [InlineData("reviews%00")]
    [InlineData("outside")]
    [InlineData(".hidden")]
    public async Task A_name_cannot_leave_the_directory(string name)
    {
        var keys = Path.Combine(_model.Root, "keys");
        await File.WriteAllTextAsync(keys, "0123456789abcdef\n", Stop);
        _model.AddPrompt("../elsewhere", 3, 5);
        Directory.CreateSymbolicLink(Path.Combine(_model.Prompts, "outside"), Path.Combine(_model.Root, "elsewhere"));
        Directory.Move(Path.Combine(_model.Prompts, "others"), Path.Combine(_model.Prompts, ".hidden"));
        await using var client = await Client.Start(_model.Options() with { KeysFile = keys });
        client.Http.DefaultRequestHeaders.Add("X-Api-Key", "0123456789abcdef");
        var before = await client.PromptNames();
        ((int)(await client.Raw("PUT", $"/v1/prompts/{name}", "0123456789abcdef"))).Should().BeInRange(400, 405);
        ((int)(await client.Post("/v1/predict", new { prompt = Uri.UnescapeDataString(name), inputs = new[] { "a" }, labels = TinyPrompts.Reviews }))
            .Status).Should().Be(404);
        (await client.PromptNames()).Should().Equal(before);
        (await Problem(client, "outside")).Should().Contain("link to a path outside the directory");
    }

    [Fact]
    public async Task Prompts_change_over_http_only_with_keys()
    {
        await using var client = await Client.Start(_model.Options());
        (await client.Send(HttpMethod.Put, "/v1/prompts/reviews", null)).ShouldBeProblem(403, "*start it with 'KeysFile'.");
        (await client.Send(HttpMethod.Delete, "/v1/prompts/reviews", null)).ShouldBeProblem(403, "*start it with 'KeysFile'.");
        (await client.PromptNames()).Should().Contain("reviews");
    }

    [Fact]
    public async Task A_directory_called_none_is_refused()
    {
        _model.AddPrompt("none", 3, 5);
        await using var client = await Client.Start(_model.Options());
        (await client.Get("/v1/prompts"))["prompts"].AsArray()
            .Single(prompt => prompt!["name"]!.GetValue<string>() == "none")!["num_virtual_tokens"]!.GetValue<int>().Should().Be(0);
    }

    public void Dispose() => _model.Dispose();

    private static async Task<string?> Problem(Client client, string name) =>
        (await client.Get("/v1/prompts"))["prompts"].AsArray()
            .Single(prompt => prompt!["name"]!.GetValue<string>() == name)!["problem"]?.GetValue<string>();
}
