using System.Text.Json.Nodes;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>A study stands wherever a run does: it is evaluated, continued and made longer as one thing.</summary>
public sealed class StudyUseTests(StudyTests.Trained trained) : IClassFixture<StudyTests.Trained>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Study => _folder.File("study");

    [Fact]
    public async Task A_study_is_evaluated_run_by_run_with_the_mean_and_on_request_as_an_ensemble()
    {
        string[] runs = [Path.Combine(trained.Study, "seed-3"), Path.Combine(trained.Study, "seed-5")];
        var accuracies = new List<double>();
        foreach (var run in runs)
            accuracies.Add(Accuracy((await InProcess.Run("evaluate", run)).ShouldSucceed().Output));
        var mean = accuracies.Average();
        var deviation = Math.Sqrt(accuracies.Sum(value => (value - mean) * (value - mean)));

        var table = (await InProcess.Run("evaluate", trained.Study)).ShouldSucceed();
        table.Output.Should().MatchRegex("seed-3 +12 ").And.MatchRegex("seed-5 +12 ")
            .And.MatchRegex($"study: mean ± sd +12 +{100 * mean:0.0} % ± {100 * deviation:0.0}").And.NotContain("ensemble");
        var lines = (await InProcess.Run("evaluate", trained.Study, "--json", "--ensemble")).ShouldSucceed().Lines;
        lines.Should().HaveCount(4);
        lines.Take(2).Select(Accuracy).Should().Equal(accuracies);
        var study = JsonNode.Parse(lines[2])!;
        study["study"]!.GetValue<string>().Should().Be(trained.Study);
        study["runs"]!.GetValue<int>().Should().Be(2);
        study["mean"]!["accuracy"]!.GetValue<double>().Should().BeApproximately(mean, 1e-12);
        study["standard_deviation"]!["accuracy"]!.GetValue<double>().Should().BeApproximately(deviation, 1e-12);
        JsonNode.Parse(lines[3])!["ensemble"]!.AsArray().Select(run => run!.GetValue<string>()).Should().Equal(runs);

        var file = _folder.File("predictions.jsonl");
        (await InProcess.Run("evaluate", trained.Study, "--predictions", file)).ShouldBeRefused("*--ensemble*");
        (await InProcess.Run("evaluate", trained.Study, "--predictions", file, "--ensemble")).ShouldSucceed();
        File.ReadAllLines(file).Should().HaveCount(12);
        (await InProcess.Run("evaluate", runs[0], "--ensemble")).ShouldBeRefused("*--ensemble needs several runs, or a study*");
        (await InProcess.Run("evaluate", trained.Study, trained.Other)).ShouldSucceed().Output
            .Should().Contain("study: mean ± sd").And.MatchRegex("other +12 ");
    }

    [Fact]
    public async Task Resuming_a_study_needs_no_other_option_and_continues_all_of_its_runs()
    {
        TinyFolder.Copy(trained.Study, Study);
        Directory.Delete(Path.Combine(Study, "seed-5"), recursive: true);
        (await InProcess.Run("train", "--resume", Study)).ShouldSucceed().Output.Should().Contain("over 2 seeds");
        File.ReadAllBytes(Path.Combine(Study, "seed-5", "prompt.npy"))
            .Should().Equal(File.ReadAllBytes(Path.Combine(trained.Study, "seed-5", "prompt.npy")));
        File.ReadAllText(Path.Combine(Study, "study.json")).Should().Be(File.ReadAllText(Path.Combine(trained.Study, "study.json")));

        foreach (var option in new[] { "--seed", "--few-shot-seed", "--split-seed", "--save-name" })
            (await InProcess.Run("train", "--resume", Study, option, "7")).ShouldBeRefused($"*{option} has no place beside --resume with a study*");
        (await InProcess.Run("train", "--resume", Study, "--seeds", "3")).ShouldBeRefused("*exclude each other*");
        (await InProcess.Run("train", "--resume", Path.Combine(Study, "seed-3"), "--save-name", "b"))
            .ShouldBeRefused("*--save-name has no place beside --resume with a run*");
        (await InProcess.Run("train", "--resume", Study, "--batch-size", "4")).ShouldBeRefused("*batch_size changed*");
    }

    [Fact]
    public async Task A_study_that_grows_ends_as_one_of_that_length_from_the_start()
    {
        (await Train("whole", "--epochs", "3", "--seeds", "3,5")).ShouldSucceed();
        TinyFolder.Copy(trained.Study, Study);
        (await InProcess.Run("train", "--resume", Study, "--epochs", "3")).ShouldSucceed();
        foreach (var file in new[] { "study.json", "seed-3/prompt.npy", "seed-5/prompt.npy", "seed-5/predictions/validation.jsonl" })
            File.ReadAllBytes(Path.Combine(Study, file)).Should().Equal(File.ReadAllBytes(_folder.File("whole", file)), file);
        (await InProcess.Run("train", "--resume", Study, "--epochs", "2")).ShouldBeRefused("*has done 15 steps*");

        // A study of runs that lie elsewhere grows where they are.
        (await InProcess.Run("study", Path.Combine(Study, "seed-3"), Path.Combine(Study, "seed-5"), "--output", _folder.File("made")))
            .ShouldSucceed();
        (await InProcess.Run("train", "--resume", _folder.File("made"), "--max-steps", "17")).ShouldSucceed();
        TinyRun.Losses(Path.Combine(Study, "seed-5")).Should().HaveCount(17);
        (await InProcess.Run("predict", _folder.File("made"), "--input", Row())).ShouldSucceed();
        (await InProcess.Run("predict", Study, "--input", Row())).ShouldBeRefused("*'seed-3' of the study*not trained with the study's*max_steps*");
    }

    [Fact]
    public async Task No_run_of_a_study_grows_unless_all_can()
    {
        TinyFolder.Copy(trained.Study, Study);
        File.Delete(Path.Combine(Study, "seed-5", "checkpoint", "state.safetensors"));
        var before = File.ReadAllBytes(Path.Combine(Study, "seed-3", "run.json"));
        (await InProcess.Run("train", "--resume", Study, "--epochs", "3"))
            .ShouldBeRefused("*seed-5' cannot become longer: its checkpoint is missing*");
        File.ReadAllBytes(Path.Combine(Study, "seed-3", "run.json")).Should().Equal(before);
        (await InProcess.Run("predict", Study, "--input", Row())).ShouldSucceed();
    }

    [Fact]
    public async Task A_run_that_grew_alone_no_longer_predicts_with_its_study()
    {
        TinyFolder.Copy(trained.Study, Study);
        (await InProcess.Run("train", "--resume", Path.Combine(Study, "seed-3"), "--epochs", "2")).ShouldSucceed();
        foreach (var command in new string[][] { ["predict", Study, "--input", Row()], ["evaluate", Study], ["inspect", Study] })
            (await InProcess.Run(command)).ShouldBeRefused("*'seed-3' of the study*not trained with the study's epochs*");
        (await InProcess.Run("train", "--resume", Study, "--epochs", "2")).ShouldSucceed();
        (await InProcess.Run("predict", Study, "--input", Row())).ShouldSucceed();
    }

    [Fact]
    public async Task A_study_whose_runs_patience_ended_is_complete()
    {
        (await Train("patient", "--epochs", "30", "--patience", "1", "--seeds", "3,5")).ShouldSucceed();
        (await InProcess.Run("train", "--resume", _folder.File("patient"), "--epochs", "40")).ShouldSucceed();
        (await InProcess.Run("predict", _folder.File("patient"), "--input", Row())).ShouldSucceed();
    }

    [Theory]
    [InlineData("predict")]
    [InlineData("evaluate")]
    [InlineData("inspect")]
    [InlineData("watch")]
    [InlineData("compare")]
    public async Task A_folder_of_seeds_of_an_earlier_version_is_a_study_without_its_file(string command)
    {
        TinyFolder.Copy(trained.Study, Study);
        string[] more = command == "predict" ? ["--input", Row()] : [];
        var expected = (await InProcess.Run([command, Study, .. more])).ShouldSucceed().Output;
        File.Delete(Path.Combine(Study, "study.json"));
        (await InProcess.Run([command, Study, .. more])).ShouldSucceed().Output.Should().Be(expected);
        Directory.Delete(Path.Combine(Study, "seed-5"), recursive: true);
        TinyFolder.Copy(trained.Other, Path.Combine(Study, "seed-5"));
        if (command != "compare")
            (await InProcess.Run([command, Study, .. more])).ShouldBeRefused("*differ in their seeds alone, but*batch_size*");
    }

    [Fact]
    public async Task Runs_of_several_few_shot_seeds_share_a_row_and_make_a_study()
    {
        foreach (var seed in new[] { "1", "2" })
            (await Train($"few-{seed}", "--few-shot", "4", "--few-shot-seed", seed)).ShouldSucceed();
        string[] runs = [_folder.File("few-1"), _folder.File("few-2")];
        (await InProcess.Run(["compare", .. runs, "--markdown"])).ShouldSucceed().Lines.Should().HaveCount(3);
        (await InProcess.Run(["study", .. runs, "--output", Study])).ShouldSucceed().Output.Should().Contain("few-shot seeds 1, 2");
        (await InProcess.Run("evaluate", Study)).ShouldSucceed().Output.Should().Contain("study: mean ± sd");
        (await InProcess.Run("train", "--resume", Study, "--epochs", "2")).ShouldSucceed();
        TinyRun.Losses(runs[1]).Length.Should().BeGreaterThan(0);
        JsonNode.Parse(File.ReadAllText(Path.Combine(runs[1], "run.json")))!["spec"]!["few_shot_seed"]!.GetValue<int>().Should().Be(2);
    }

    [Fact]
    public async Task A_study_is_not_written_over_a_file_and_a_damaged_one_is_refused_with_what_the_command_can_do()
    {
        var file = _folder.Write("file", "mine");
        (await InProcess.Run("study", Path.Combine(trained.Study, "seed-3"), "--output", file)).ShouldBeRefused("*file' cannot be written*");
        (await Train("file", "--seeds", "2,3")).Error.Should().Contain("is the file").And.Contain("expected a folder");
        File.ReadAllText(file).Should().Be("mine");
        TinyFolder.Copy(trained.Study, Study);
        File.WriteAllText(Path.Combine(Study, "study.json"), "{");
        foreach (var command in new[] { "predict", "evaluate", "inspect", "watch", "compare" })
        {
            var refused = await InProcess.Run([command, Study, .. command == "predict" ? ["x"] : Array.Empty<string>()]);
            refused.ShouldBeRefused("*study.json is damaged*Put the file back, or make the study of its runs again*");
            refused.Error.Should().NotContain("--overwrite");
        }

        (await InProcess.Run("train", "--resume", Study)).ShouldBeRefused("*study.json is damaged*--overwrite*");
    }

    [Fact]
    public async Task One_seed_and_several_exclude_each_other() =>
        (await Train("both", "--seed", "1", "--seeds", "2,3")).ShouldBeRefused("*--seed and --seeds exclude each other*");

    private string Row() => _folder.Write("rows.jsonl", "{\"input_ids\":[5,6,7,1]}\n");

    private Task<ProgramResult> Train(string name, params string[] more) =>
        InProcess.Run([.. trained.Options.Except(["--epochs", "1"]), "--save-dir", _folder.Path, "--save-name", name, .. more,
            .. more.Contains("--epochs") ? Array.Empty<string>() : ["--epochs", "1"]]);

    private static double Accuracy(string json) => JsonNode.Parse(json)!["metrics"]!["accuracy"]!.GetValue<double>();
}
