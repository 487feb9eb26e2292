using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Server.Tests;

/// <summary>A study is served as one prompt, whose runs answer by the mean of their probabilities.</summary>
public sealed class StudyTests(StudyTests.Trained trained) : IClassFixture<StudyTests.Trained>
{
    private static readonly object Body = new { prompt = "three", inputs = new[] { "a dull film", "x" } };

    [Fact]
    public async Task A_study_answers_with_the_mean_probability_of_its_runs()
    {
        await using var client = await Client.Start(trained.Options(trained.Prompts));
        (await client.PromptNames()).Should().Contain("three").And.NotContain("seed-3");
        var answers = (await client.Post("/v1/predict", Body))["predictions"].AsArray();
        await using var seeds = await Client.Start(trained.Options(Path.Combine(trained.Prompts, "three")));
        (await seeds.PromptNames()).Should().Contain(["three", "seed-3", "seed-5"]);
        var alone = new List<System.Text.Json.Nodes.JsonArray>();
        foreach (var seed in new[] { "seed-3", "seed-5" })
            alone.Add((await seeds.Post("/v1/predict", new { prompt = seed, inputs = new[] { "a dull film", "x" } }))["predictions"].AsArray());
        for (var row = 0; row < 2; row++)
        {
            foreach (var (label, probability) in answers[row]!["probabilities"]!.AsObject())
            {
                var mean = alone.Average(answer => answer[row]!["probabilities"]![label]!.GetValue<double>());
                probability!.GetValue<double>().Should().BeApproximately(mean, 1e-5);
                answers[row]!["scores"]![label]!.GetValue<double>().Should().BeApproximately(Math.Log(mean), 1e-4);
            }
        }

        (await client.Post("/v1/generate", Body)).ShouldBeProblem(400, "Prompt 'three' is a study*");
        (await client.Post("/v1/predict", new { prompts = new[] { "three", "none" }, inputs = new[] { "x" }, labels = new[] { "a", "b" } }))
            ["predictions"].AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task Of_a_study_one_seed_can_be_served()
    {
        await using var client = await Client.Start(trained.Options(trained.Prompts) with { Seed = 5 });
        await using var seeds = await Client.Start(trained.Options(Path.Combine(trained.Prompts, "three")));
        var expected = await seeds.Scores(new { prompt = "seed-5", inputs = new[] { "a dull film", "x" } });
        (await client.Scores(Body)).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering()
            .Using<double>(pair => pair.Subject.Should().BeApproximately(pair.Expectation, 1e-5)).WhenTypeIs<double>());
        await using var none = await Client.Start(trained.Options(trained.Prompts) with { Seed = 4 });
        (await none.Post("/v1/predict", Body)).ShouldBeProblem(
            404, "No prompt 'three'; it cannot be served: *has no run with seed 4; its seeds are 3, 5.");
    }

    [Fact]
    public async Task A_study_that_is_not_whole_is_not_served_and_comes_into_service_when_it_is()
    {
        using var folder = new TemporaryFolder();
        TinyFolder.Copy(trained.Prompts, folder.File("prompts"));
        Directory.Move(folder.File("prompts", "three", "seed-5"), folder.File("away"));
        await using var client = await Client.Start(trained.Options(folder.File("prompts")));
        (await client.Post("/v1/predict", Body)).ShouldBeProblem(404, "*'three'*cannot be served*seed-5*");
        Directory.Move(folder.File("away"), folder.File("prompts", "three", "seed-5"));
        await Client.Until(async () => (await client.Post("/v1/predict", Body)).Status == System.Net.HttpStatusCode.OK);
        Directory.Move(folder.File("prompts", "three", "seed-5"), folder.File("away"));
        Directory.CreateSymbolicLink(folder.File("prompts", "three", "seed-5"), folder.File("away"));
        await Client.Until(async () => (await client.Get("/v1/prompts"))["prompts"].AsArray()
            .Any(prompt => prompt!["problem"]?.GetValue<string>().Contains("outside the directory") == true));
    }

    /// <summary>A study of two seeds in a directory of prompts.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TinyPrompts _model = new();

        public Trained()
        {
            var spec = new RunSpec
            {
                Task = "subj",
                Model = _model.Model,
                FewShot = 8,
                ValidationPerClass = 6,
                Epochs = 1,
                PromptLength = 3,
                SaveDir = Path.Combine(Prompts, "three"),
            };
            int[] seeds = [3, 5];
            foreach (var seed in seeds)
                TinyRun.Train(spec with { Seed = seed, SaveName = $"seed-{seed}" });
            Study.Of(spec.SaveDir, [.. seeds.Select(seed => RunSummary.Read(Path.Combine(spec.SaveDir, $"seed-{seed}")))]).Write();
        }

        internal string Prompts => Path.Combine(_model.Root, "served");

        internal PromptServingOptions Options(string prompts) => new() { Model = _model.Model, Prompts = prompts };

        public void Dispose() => _model.Dispose();
    }
}
