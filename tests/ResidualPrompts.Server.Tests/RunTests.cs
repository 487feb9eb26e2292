using System.Net;
using System.Text.Json.Nodes;
using ResidualPrompts.Predictions;
using ResidualPrompts.Server.Features.Runs;

namespace ResidualPrompts.Server.Tests;

/// <summary>Runs over HTTP, and a fully tuned model in service.</summary>
public sealed class RunTests(TinyRuns runs) : IClassFixture<TinyRuns>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fully_tuned_model_is_served_as_prompt_none_with_its_labels_and_template()
    {
        await using var client = await Client.Start(new PromptServingOptions { Model = Path.Combine(runs.Runs, "full", "model") });
        var answer = await client.Post("/v1/predict",
            new { prompt = "none", inputs = new object[] { new { sentence = "two brothers travel to paris ." }, "a clumsy script ." } });
        answer.Status.Should().Be(HttpStatusCode.OK, answer.Json?.ToJsonString());
        using var trained = TrainedRun.Open(Path.Combine(runs.Runs, "full"));
        var expected = trained.Predict([trained.Rows.RowOf("two brothers travel to paris .", 1, 0), trained.Rows.RowOf("a clumsy script .", 2, 1)])
            .ToArray();
        for (var i = 0; i < expected.Length; i++)
        {
            answer["predictions"][i]!["label"]!.GetValue<string>().Should().Be(expected[i].Predicted);
            PredictTests.ShouldBeClose([.. answer["predictions"][i]!["scores"]!.AsObject().Select(score => score.Value!.GetValue<double>())],
                [.. expected[i].Scores!]);
        }
    }

    [Fact]
    public async Task A_run_directory_serves_its_model_and_run_directories_serve_their_prompts()
    {
        await using var client = await Client.Start(new PromptServingOptions { Model = runs.Model.Model, Prompts = runs.Runs });
        (await client.PromptNames()).Should().Equal("none", "plain", "study");
        (await client.Scores(new { prompt = "plain", inputs = new[] { new { sentence = "it rains" } } })).Should().HaveCount(1);
        await using var full = await Client.Start(new PromptServingOptions { Model = Path.Combine(runs.Runs, "full") });
        (await full.Scores(new { prompt = "none", inputs = new[] { new { sentence = "it rains" } } })).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_prompt_of_another_model_is_listed_with_the_reason_why_it_is_not_served()
    {
        await using var client = await Client.Start(new PromptServingOptions { Model = Path.Combine(runs.Runs, "full"), Prompts = runs.Runs });
        var plain = (await client.Get("/v1/prompts"))["prompts"].AsArray().Single(prompt => prompt!["name"]!.GetValue<string>() == "plain")!;
        plain["problem"]!.GetValue<string>().Should().Contain("weights sha256:");
        (await client.Post("/v1/predict", new { prompt = "plain", inputs = new[] { "a" } }))
            .ShouldBeProblem(404, "No prompt 'plain'; it cannot be served: *weights sha256:*");
    }

    [Fact]
    public async Task Without_a_model_runs_are_shown_and_predictions_are_answered_with_what_is_missing()
    {
        await using var client = await Client.Start(new PromptServingOptions { Runs = runs.Runs });
        (await client.Get("/v1/runs"))["runs"].AsArray().Should().HaveCount(3);
        var prompts = await client.Get("/v1/prompts");
        prompts["model"].Should().BeNull();
        prompts["prompts"].AsArray().Should().BeEmpty();
        (await client.Post("/v1/predict", new { prompt = "none", inputs = new[] { "a" } }))
            .ShouldBeProblem(501, "This server shows runs only. To predict, start it with *Model*.");
        (await client.Post("/v1/generate", new { prompt = "none", inputs = new[] { "a" } })).ShouldBeProblem(501, "*runs only*");
        (await client.Get("/health/ready"))["status"].GetValue<string>().Should().Be("ready");
        (await client.Get("/health/live"))["status"].GetValue<string>().Should().Be("live");
    }

    [Theory]
    [InlineData(false, false, "'Model' is missing*not needed with 'Runs'*")]
    [InlineData(false, true, "'Model' is missing*")]
    [InlineData(true, true, "'Model' is missing*")]
    public async Task Without_a_model_a_server_needs_runs_and_has_no_prompts(bool hasRuns, bool hasPrompts, string problem)
    {
        var start = () => Client.Start(new PromptServingOptions { Runs = hasRuns ? runs.Runs : null, Prompts = hasPrompts ? runs.Runs : null });
        (await start.Should().ThrowAsync<ServerException>()).WithMessage(problem);
    }

    [Fact]
    public async Task Runs_are_listed_with_settings_and_results()
    {
        await using var client = await Client.Start(runs.Model.Options() with { Runs = runs.Runs });
        var list = (await client.Get("/v1/runs"))["runs"].AsArray();
        list.Select(run => run!["name"]!.GetValue<string>()).Should().Equal("full", "plain", "study/seed-1");
        var one = list[2]!;
        one["status"]!.GetValue<string>().Should().Be("finished");
        one["settings"]!["seed"]!.GetValue<int>().Should().Be(1);
        one["result"]!["validation"]!["metrics"]!.AsObject().Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("\"batch_size\": ", "\"batch_size\": 1e999, \"x\": ", "batch_size")]
    [InlineData("\"train_count\": ", "\"train_count\": \"\\ud800\", \"x\": ", "train_count")]
    [InlineData("\"status\": \"finished\"", "\"status\": \"\\u001b[31m\"", "status")]
    [InlineData("\"steps\": ", "\"steps\": 9223372036854775808, \"x\": ", "steps")]
    [InlineData("\"outcomes\": [", "\"outcomes\": [null, ", "outcomes")]
    [InlineData("", "a pipe", "expected a plain file")]
    [InlineData("", "a pointer", "git lfs pull")]
    public async Task A_damaged_run_is_listed_with_its_problem_beside_the_others(string found, string damaged, string problem)
    {
        using var folder = new Testing.TemporaryFolder();
        foreach (var name in new[] { "a", "b", "c" })
        {
            Directory.CreateDirectory(folder.File(name));
            File.Copy(Path.Combine(runs.Runs, "plain", "run.json"), folder.File(name, "run.json"));
        }

        var record = folder.File("b", "run.json");
        if (damaged == "a pipe")
            Testing.SpecialFile.Put(record, "pipe");
        else if (damaged == "a pointer")
            await File.WriteAllTextAsync(record, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", Stop);
        else
            await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record, Stop)).Replace(found, damaged, StringComparison.Ordinal), Stop);
        await using var client = await Client.Start(runs.Model.Options() with { Runs = folder.Path });
        var list = (await client.Get("/v1/runs"))["runs"].AsArray();
        list.Select(run => run!["name"]!.GetValue<string>()).Should().Equal("a", "b", "c");
        list.Select(run => run!["status"]?.GetValue<string>()).Should().Equal("finished", null, "finished");
        list[1]!["problem"]!.GetValue<string>().Should().Contain("b/run.json").And.NotContain(folder.Path).And.Contain(problem);
    }

    [Fact]
    public async Task Events_come_from_the_beginning_and_as_they_are_written()
    {
        using var folder = new Testing.TemporaryFolder();
        var run = Directory.CreateDirectory(folder.File("live")).FullName;
        File.Copy(Path.Combine(runs.Runs, "plain", "run.json"), Path.Combine(run, "run.json"));
        var events = Path.Combine(run, "events.jsonl");
        await File.WriteAllTextAsync(events, "{\"step\":1}\n{\"step\":2}\n{\"ste", Stop);
        await using var client = await Client.Start(runs.Model.Options() with { Runs = folder.Path });
        using var response = await client.Http.GetAsync("/v1/runs/events?run=live", HttpCompletionOption.ResponseHeadersRead, Stop);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        (await NextLines(reader)).Should().Equal("{\"step\":1}", "{\"step\":2}");
        await File.AppendAllTextAsync(events, "p\":3}\n", Stop);
        (await NextLines(reader)).Should().Equal("{\"step\":3}");
        await File.WriteAllTextAsync(events, "{\"step\":1}\n", Stop);
        (await NextEvent(reader))["restarted"]!.GetValue<bool>().Should().BeTrue();
        (await NextLines(reader)).Should().Equal("{\"step\":1}");
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("zero")]
    [InlineData("folder")]
    [InlineData("outside")]
    [InlineData("circle")]
    public async Task What_is_no_file_of_the_run_gives_no_events_and_holds_up_no_others(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes a pipe");
        using var folder = new Testing.TemporaryFolder();
        foreach (var name in new[] { "bad", "good" })
        {
            Directory.CreateDirectory(folder.File("runs", name));
            File.Copy(Path.Combine(runs.Runs, "plain", "run.json"), folder.File("runs", name, "run.json"));
            await File.WriteAllTextAsync(folder.File("runs", name, "events.jsonl"), "{\"step\":1}\n", Stop);
        }

        var events = folder.File("runs", "bad", "events.jsonl");
        File.Delete(events);
        if (kind == "pipe")
            Testing.SpecialFile.MakePipe(events);
        else if (kind == "folder")
            Directory.CreateDirectory(events);
        else
            File.CreateSymbolicLink(events, kind == "zero" ? "/dev/zero" : kind == "circle" ? events : folder.Write("secret", "{\"a\":1}\n"));
        await using var client = await Client.Start(runs.Model.Options() with { Runs = folder.File("runs") });
        (await client.Get("/v1/runs"))["runs"].AsArray().Select(run => run!["status"]!.GetValue<string>()).Should().Equal("finished", "finished");
        using var response = await client.Http.GetAsync("/v1/runs/events?run=bad&run=good", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        foreach (var step in new[] { 1, 2 })
        {
            var next = await NextEvent(reader);
            next["run"]!.GetValue<string>().Should().Be("good");
            next["lines"]!.AsArray().Single()!.GetValue<string>().Should().Be($"{{\"step\":{step}}}");
            await File.AppendAllTextAsync(folder.File("runs", "good", "events.jsonl"), "{\"step\":2}\n", Stop);
        }
    }

    [Fact]
    public async Task A_stream_of_events_does_not_hold_up_the_end_of_the_server()
    {
        var client = await Client.Start(runs.Model.Options() with { Runs = runs.Runs });
        using var response = await client.Http.GetAsync("/v1/runs/events?run=plain", HttpCompletionOption.ResponseHeadersRead, Stop);
        await client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Theory]
    [InlineData("/v1/runs/events", 400, "Expected 1 to 64 names*")]
    [InlineData("/v1/runs/events?run=../full", 404, "There is no run '../full'.")]
    [InlineData("/v1/runs/events?run=%2e%2e%2fmodel", 404, "There is no run '../model'.")]
    public async Task A_name_leads_to_a_run_or_nowhere(string path, int status, string detail)
    {
        await using var client = await Client.Start(runs.Model.Options() with { Runs = runs.Runs });
        (await client.Get(path)).ShouldBeProblem(status, detail);
    }

    [Fact]
    public async Task A_server_without_runs_says_so()
    {
        await using var client = await Client.Start(runs.Model.Options());
        (await client.Get("/v1/runs")).ShouldBeProblem(404, "*start it with 'Runs'.");
    }

    private static async Task<string[]> NextLines(StreamReader reader) =>
        [.. (await NextEvent(reader))["lines"]!.AsArray().Select(line => line!.GetValue<string>())];

    private static async Task<JsonNode> NextEvent(StreamReader reader)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop);
            if (line!.StartsWith("data:", StringComparison.Ordinal))
                return JsonNode.Parse(line[5..])!;
        }
    }

    [Fact]
    public void A_poll_reads_only_the_records_that_changed_and_groups_runs_by_their_settings()
    {
        using var many = ManyRuns.Write(runs, studies: 3, seeds: 2);
        var folder = new RunFolder(new PromptServingOptions { Model = "t5-nano", Runs = many.Path });
        var listing = new RunListing();
        var list = listing.Of(folder.Find());
        list.Runs.Select(run => (run.Name, run.Group)).Should().Equal(
            from study in new[] { 1, 2, 3 } from seed in new[] { 0, 1 } select ($"rate-{study}/seed-{seed}", $"rate-{study}"));
        listing.ReadCount.Should().Be(6);
        listing.Of(folder.Find());
        listing.ReadCount.Should().Be(6);
        File.WriteAllText(many.File("rate-2", "seed-1", "run.json"), "{");
        list = listing.Of(folder.Find());
        listing.ReadCount.Should().Be(7);
        list.Runs[3].Problem.Should().Contain("run.json is damaged");
        list.Runs[2].Group.Should().Be("rate-2/seed-0", "its only other seed is damaged");
        Directory.Delete(many.File("rate-3"), recursive: true);
        listing.Of(folder.Find()).Runs.Should().HaveCount(4);
        listing.ReadCount.Should().Be(7);
    }
}
