using System.Text.Json.Nodes;
using ResidualPrompts.Predictions;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Runs that differ in their seeds alone are one thing: trained, watched, compared and used together.</summary>
public sealed class StudyTests(StudyTests.Trained trained) : IClassFixture<StudyTests.Trained>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Study => _folder.File("study");

    [Fact]
    public void The_file_names_the_runs_with_their_seeds_and_the_settings_that_they_share()
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(trained.Study, "study.json")))!;
        json.AsObject().Select(pair => pair.Key).Should().Equal("version", "runs", "settings");
        json["runs"]!.ToJsonString().Should()
            .Be("""[{"path":"seed-3","seed":3,"few_shot_seed":0,"split_seed":0},{"path":"seed-5","seed":5,"few_shot_seed":0,"split_seed":0}]""");
        json["settings"]!.AsObject().Select(pair => pair.Key).Should().Contain("learning_rate")
            .And.NotContain(["seed", "few_shot_seed", "split_seed", "save_dir", "save_name"]);
        File.Exists(Path.Combine(trained.Study, "run.lock")).Should().BeFalse();
    }

    [Fact]
    public async Task A_study_is_not_made_inside_a_run_nor_a_run_inside_a_study()
    {
        TinyFolder.Copy(trained.Study, Study);
        var before = Times(Study);
        foreach (var mode in new[] { "--overwrite", "--resume" })
        {
            (await Train("study/seed-3", "1,2", mode)).ShouldBeRefused("*seed-3' is a run, and a study of several seeds is not made inside of one*");
            (await Train("study", null, mode)).ShouldBeRefused("*is a study of several seeds*--save-name*");
        }

        (await Train("study", "3,5")).ShouldBeRefused("*study' exists*--resume*--overwrite*");
        (await Train("study", "3,5", "--resume", "--batch-size", "4")).ShouldBeRefused("*batch_size changed*");
        (await Train("study", "3,5", "--overwrite", "--data", _folder.File("nowhere"))).ExitCode.Should().Be(2);
        Times(Study).Should().BeEquivalentTo(before, "what is refused changes nothing");
    }

    [Fact]
    public async Task A_new_study_that_cannot_be_trained_leaves_nothing()
    {
        (await Train("new", "3,5", "--data", _folder.File("nowhere"))).ExitCode.Should().Be(2);
        Directory.Exists(_folder.File("new")).Should().BeFalse();
    }

    [Fact]
    public async Task Overwriting_replaces_all_runs_and_leaves_what_is_not_its_own()
    {
        TinyFolder.Copy(trained.Study, Study);
        _folder.Write("study/seed-5/mine.txt", "mine");
        _folder.Write("study/notes.txt", "mine");
        (await Train("study", "3,7", "--overwrite", "--batch-size", "4")).ShouldSucceed();
        Directory.GetDirectories(Study).Select(Path.GetFileName).Should().BeEquivalentTo("seed-3", "seed-5", "seed-7");
        Directory.GetFiles(Path.Combine(Study, "seed-5")).Select(Path.GetFileName).Should().Equal("mine.txt");
        File.Exists(Path.Combine(Study, "notes.txt")).Should().BeTrue();
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Study, "study.json")))!;
        json["runs"]!.AsArray().Select(run => run!["seed"]!.GetValue<int>()).Should().Equal(3, 7);
        json["settings"]!["batch_size"]!.GetValue<int>().Should().Be(4);
    }

    [Fact]
    public async Task A_resumed_study_gets_more_seeds_and_one_without_a_file_gets_its_file()
    {
        TinyFolder.Copy(trained.Study, Study);
        File.Delete(Path.Combine(Study, "study.json"));
        (await InProcess.Run("compare", Study, "--csv")).Lines.Should().HaveCount(3);
        (await Train("study", "4", "--resume")).ShouldSucceed();
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Study, "study.json")))!;
        json["runs"]!.AsArray().Select(run => run!["seed"]!.GetValue<int>()).Should().Equal(3, 5, 4);
    }

    [Fact]
    public async Task Runs_anywhere_become_a_study_if_they_differ_in_their_seeds_alone()
    {
        string[] runs = [Path.Combine(trained.Study, "seed-3"), Path.Combine(trained.Study, "seed-5")];
        (await InProcess.Run(["study", .. runs])).ShouldBeRefused("*--output DIR is needed*");
        var made = await InProcess.Run(["study", .. runs, "--output", Study]);
        made.ShouldSucceed();
        made.Output.Should().Contain("2 runs, seeds 3, 5");
        (await InProcess.Run("compare", Study, "--markdown")).Lines.Should().HaveCount(3);
        (await InProcess.Run(["study", .. runs, "--output", Study])).ShouldBeRefused("*study.json' exists*--overwrite*");
        (await InProcess.Run(["study", runs[0], trained.Other, "--output", Study, "--overwrite"]))
            .ShouldBeRefused("*differ in their seeds alone, but*differ in batch_size*");
        (await InProcess.Run("study", trained.Study, "--overwrite")).ShouldSucceed();
    }

    [Fact]
    public async Task Predictions_of_a_study_are_those_of_its_ensemble_or_of_one_seed()
    {
        var input = _folder.Write("rows.jsonl", "{\"input_ids\":[5,6,7,1]}\n{\"input_ids\":[9,8,1]}\n");
        var study = await InProcess.Run("predict", trained.Study, "--input", input, "--prefix", "p_");
        study.ShouldSucceed();
        using (var run = TrainedRun.Open([Path.Combine(trained.Study, "seed-3"), Path.Combine(trained.Study, "seed-5")]))
        {
            var scores = run.Predict(run.Rows.Read(input)).Select(row => row.Scores!).ToArray();
            study.Lines.Select(line => JsonNode.Parse(line)!["p_scores"]!.AsArray().Select(score => score!.GetValue<double>()))
                .Should().BeEquivalentTo(scores, options => options.WithStrictOrdering());
        }

        var one = await InProcess.Run("predict", trained.Study, "--seed", "5", "--input", input, "--prefix", "p_");
        one.Output.Should().Be((await InProcess.Run("predict", Path.Combine(trained.Study, "seed-5"), "--input", input, "--prefix", "p_")).Output)
            .And.NotBe(study.Output);
        (await InProcess.Run("predict", trained.Study, "--seed", "4", "--input", input)).ShouldBeRefused("*no run with seed 4*3, 5*");
        (await InProcess.Run("predict", trained.Other, "--seed", "4", "--input", input)).ShouldBeRefused("*is not a study*");
    }

    [Fact]
    public async Task A_study_whose_run_is_missing_or_whose_file_is_damaged_says_so()
    {
        TinyFolder.Copy(trained.Study, Study);
        Directory.Delete(Path.Combine(Study, "seed-5"), recursive: true);
        var input = _folder.Write("rows.jsonl", "{\"input_ids\":[5,6,7,1]}\n");
        (await InProcess.Run("predict", Study, "--input", input)).ShouldBeRefused("*has the run 'seed-5', which is not begun or was removed*");
        var compared = await InProcess.Run("compare", Study);
        compared.ShouldSucceed();
        compared.Error.Should().Contain("seed-5 is not begun");
        (await InProcess.Run("watch", Study)).Output.Should().Contain("1 of 2 runs finished").And.MatchRegex("seed-5 +not begun");
        File.WriteAllText(Path.Combine(Study, "study.json"), "{\"version\":1,\"runs\":[]}");
        foreach (var command in new[] { "compare", "watch", "inspect" })
            (await InProcess.Run(command, Study)).ShouldBeRefused("*study.json is damaged*");
    }

    [Fact]
    public async Task Watching_a_study_shows_each_run_and_the_mean()
    {
        var watched = await InProcess.Run("watch", trained.Study);
        watched.ShouldSucceed();
        watched.Output.Should().Contain("2 of 2 runs finished").And.MatchRegex("seed-3 +finished")
            .And.MatchRegex(@"validation accuracy \d+\.\d % ± \d+\.\d over 2 finished runs");
    }

    [Fact]
    public async Task The_score_on_the_test_split_is_not_the_last_validation()
    {
        TinyFolder.Copy(trained.Study, Study);
        var before = (await InProcess.Run("watch", Study)).Output;
        var log = Path.Combine(Study, "seed-3", "events.jsonl");
        var scored = TinyRun.Events(Path.Combine(Study, "seed-3"), "evaluation").Last().GetRawText();
        var ofTest = JsonNode.Parse(scored)!;
        ofTest["split"] = "test";
        ofTest["metrics"]!["accuracy"] = 0.123;
        File.AppendAllText(log, ofTest.ToJsonString() + "\n");
        (await InProcess.Run("watch", Study)).Output.Should().Be(before).And.NotContain("12.3");
    }

    private Task<ProgramResult> Train(string name, string? seeds, params string[] more) => InProcess.Run(
    [
        .. trained.Options, "--save-dir", _folder.Path, "--save-name", name,
        .. seeds is null ? Array.Empty<string>() : ["--seeds", seeds], .. more,
    ]);

    private static Dictionary<string, DateTime> Times(string folder) =>
        TinyFolder.Files(folder).ToDictionary(file => file, file => File.GetLastWriteTimeUtc(Path.Combine(folder, file)));

    /// <summary>A study of two seeds, and a run of another batch size.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Trained()
        {
            Options = ["train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--epochs", "1",
                "--prompt-length", "2"];
            Train("--save-name", "study", "--seeds", "3,5");
            Train("--save-name", "other", "--batch-size", "4");
        }

        internal string[] Options { get; }

        internal string Study => _folder.File("study");

        internal string Other => _folder.File("other");

        public void Dispose() => _folder.Dispose();

        private void Train(params string[] more) =>
            InProcess.Run([.. Options, "--save-dir", _folder.Path, .. more]).GetAwaiter().GetResult().ShouldSucceed();
    }
}
