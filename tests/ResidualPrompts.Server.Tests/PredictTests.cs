using System.Net;

namespace ResidualPrompts.Server.Tests;

/// <summary><c>/v1/predict</c> and <c>/v1/generate</c>: what is answered, and what is refused.</summary>
public sealed class PredictTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private const double Tolerance = 1e-5;
    private static readonly string[] Texts = ["a dull film .", "warm , funny and beautifully acted , if a little long at times", "no",
        "it never finds its rhythm ; nobody laughed"];

    [Fact]
    public async Task Concurrent_requests_with_many_prompts_get_what_each_row_gives_alone()
    {
        await using var client = await Client.Start(model.Options());
        string?[] prompts = ["reviews", "others", "subjects", null];
        var expected = prompts.SelectMany(prompt => Texts.Select(text => (prompt, text)))
            .ToDictionary(row => row, row => model.Offline(row.prompt, row.text, TinyPrompts.Reviews));
        await Parallel.ForEachAsync(Enumerable.Range(0, 200),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            var (prompt, text) = (prompts[i % 4], Texts[i / 4 % 4]);
            var scores = await client.Scores(new { prompt = prompt ?? "none", inputs = new[] { text }, labels = TinyPrompts.Reviews });
            ShouldBeClose(scores[0], expected[(prompt, text)]);
        });
        (await client.Metric("residual_prompts_rows_total")).Should().Be(200);
        (await client.Metric("residual_prompts_batch_rows_count")).Should().BeLessThan(200, "rows of several requests shared batches");
    }

    [Fact]
    public async Task Labels_and_template_come_with_the_prompt()
    {
        await using var client = await Client.Start(model.Options());
        var answer = await client.Post("/v1/predict",
            new { prompt = "reviews", inputs = new object[] { new { text = "a dull film ." }, "review: a dull film ." } });
        var predictions = answer["predictions"].AsArray();
        predictions[0]!.ToJsonString().Should().Be(predictions[1]!.ToJsonString(), "an object fills the template, a text is the model's text itself");
        var expected = model.Offline("reviews", "review: a dull film .", TinyPrompts.Reviews);
        var scores = predictions[0]!["scores"]!.AsObject();
        ShouldBeClose([scores["negative"]!.GetValue<double>(), scores["positive"]!.GetValue<double>()], expected);
        predictions[0]!["label"]!.GetValue<string>().Should().Be(expected[0] >= expected[1] ? "negative" : "positive");
        var probabilities = predictions[0]!["probabilities"]!.AsObject();
        probabilities["negative"]!.GetValue<double>().Should().BeApproximately(1 / (1 + Math.Exp(expected[1] - expected[0])), 1e-5);
        (probabilities["negative"]!.GetValue<double>() + probabilities["positive"]!.GetValue<double>()).Should().BeApproximately(1, 1e-9);
    }

    [Fact]
    public async Task An_ensemble_answers_with_the_mean_of_its_prompts()
    {
        await using var client = await Client.Start(model.Options());
        var together = await client.Scores(new { prompts = new[] { "reviews", "others", "none" }, inputs = Texts, labels = TinyPrompts.Reviews });
        for (var i = 0; i < Texts.Length; i++)
        {
            double[][] each = [model.Offline("reviews", Texts[i], TinyPrompts.Reviews), model.Offline("others", Texts[i], TinyPrompts.Reviews),
                model.Offline(null, Texts[i], TinyPrompts.Reviews)];
            ShouldBeClose(together[i], [each.Average(scores => scores[0]), each.Average(scores => scores[1])]);
        }
    }

    [Fact]
    public async Task A_vote_gives_shares_of_the_votes()
    {
        await using var client = await Client.Start(model.Options());
        var answer = await client.Post("/v1/predict",
            new { prompts = new[] { "reviews", "others" }, ensemble = "vote", inputs = new[] { new { text = "warm", title = "A title" } } });
        var probabilities = answer["predictions"][0]!["probabilities"]!.AsObject().Select(pair => pair.Value!.GetValue<double>()).ToArray();
        probabilities.Should().OnlyContain(share => share == 0 || share == 0.5 || share == 1);
        probabilities.Sum().Should().Be(1);
    }

    [Fact]
    public async Task Generation_writes_what_the_model_writes()
    {
        await using var client = await Client.Start(model.Options());
        var answer = await client.Post("/v1/generate", new { prompt = "subjects", inputs = Texts, max_new_tokens = 5 });
        answer.Status.Should().Be(HttpStatusCode.OK);
        var generations = answer["generations"].AsArray();
        generations.Count.Should().Be(Texts.Length);
        generations.Should().OnlyContain(one => one!["token_count"]!.GetValue<int>() >= 1 && one["token_count"]!.GetValue<int>() <= 5);
        var alone = await client.Post("/v1/generate", new { prompt = "subjects", inputs = new[] { Texts[2] }, max_new_tokens = 5 });
        alone["generations"][0]!.ToJsonString().Should().Be(generations[2]!.ToJsonString());
    }

    [Theory]
    [InlineData("", 400, "The body is empty*")]
    [InlineData("{", 400, "The body is not JSON*")]
    [InlineData("[]", 400, "The body is an array, expected an object*")]
    [InlineData("{}", 400, "*either 'prompt'*'prompts'*")]
    [InlineData("""{"prompt":"reviews","prompts":["others"],"inputs":["a"]}""", 400, "*either 'prompt'*'prompts'*")]
    [InlineData("""{"prompt":"reviews","imputs":["a"]}""", 400, "*unknown key 'imputs'*")]
    [InlineData("""{"prompt":"reviews","prompt":"others","inputs":["a"]}""", 400, "The body is not JSON*")]
    [InlineData("""{"prompt":"reviews"}""", 400, "'inputs' is missing*")]
    [InlineData("""{"prompt":"reviews","inputs":[]}""", 400, "'inputs' is empty*")]
    [InlineData("""{"prompt":"reviews","inputs":"a"}""", 400, "'inputs' is a text, expected an array*")]
    [InlineData("""{"prompt":"reviews","inputs":[1]}""", 400, "'inputs'?0? is a number*")]
    [InlineData("""{"prompt":"reviews","inputs":[{"txt":"a"}]}""", 400, "inputs, line 1: no field 'text'; the row has 'txt'*")]
    [InlineData("""{"prompt":"reviews","inputs":["a\ud800"]}""", 400, "'inputs'?0? is not valid*surrogate*")]
    [InlineData("""{"prompt":"reviews","inputs":[{"\ud800":1}]}""", 400, "A key of the body is not valid Unicode.")]
    [InlineData("""{"prompt":"subjects","inputs":["a"]}""", 400, "Prompt 'subjects' has no labels of its own: send 'labels'*")]
    [InlineData("""{"prompt":"subjects","inputs":[{"text":"a"}],"labels":["b","c"]}""", 400, "*'subjects' has no template*")]
    [InlineData("""{"prompt":"none","inputs":["a"]}""", 400, "Prompt 'none' has no labels*")]
    [InlineData("""{"prompt":"reviews","inputs":["a"],"labels":["b","b"]}""", 400, "*'b' and 'b' are the same tokens*")]
    [InlineData("""{"prompt":"reviews","inputs":["a"],"labels":["b"," "]}""", 400, "A label is blank*")]
    [InlineData("""{"prompt":"reviews","inputs":["a"],"labels":[]}""", 400, "'labels' is empty*")]
    [InlineData("""{"prompts":["reviews","reviews"],"inputs":["a"]}""", 400, "'prompts' contains a name twice*")]
    [InlineData("""{"prompts":["reviews"],"ensemble":"max","inputs":["a"]}""", 400, "'ensemble' is 'max', expected mean or vote*")]
    [InlineData("""{"prompt":"nobody","inputs":["a"]}""", 404, "No prompt 'nobody'; expected one of none, others, reviews, subjects*")]
    [InlineData("""{"prompt":"../prompts/reviews","inputs":["a"]}""", 404, "No prompt *")]
    public async Task A_request_that_makes_no_sense_is_told_why(string body, int status, string detail)
    {
        await using var client = await Client.Start(model.Options());
        (await client.PostText("/v1/predict", body)).ShouldBeProblem(status, detail);
    }

    [Fact]
    public async Task Generation_refuses_what_it_cannot_do()
    {
        await using var client = await Client.Start(model.Options());
        (await client.Post("/v1/generate", new { prompt = "reviews", inputs = new[] { "a" }, max_new_tokens = 100000 }))
            .ShouldBeProblem(400, "'max_new_tokens' is 100000, expected a whole number from 1 to 128.");
        (await client.Post("/v1/generate", new { prompts = new[] { "reviews" }, inputs = new[] { "a" } }))
            .ShouldBeProblem(400, "*unknown key 'prompts'*");
        (await client.Post("/v1/generate", new { inputs = new[] { "a" } })).ShouldBeProblem(400, "'prompt' is missing*");
    }

    [Fact]
    public async Task Paths_and_methods_that_are_not_there_are_problems_too()
    {
        await using var client = await Client.Start(model.Options());
        (await client.Get("/v2/predict")).ShouldBeProblem(404, "Unknown path*");
        (await client.Get("/v1/predict")).ShouldBeProblem(405, "GET is not supported here, expected POST.");
    }

    internal static void ShouldBeClose(double[] actual, double[] expected) =>
        actual.Should().Equal(expected, (a, b) => Math.Abs(a - b) <= Tolerance);
}
