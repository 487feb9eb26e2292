using System.Text.Json;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

public sealed class PlanTests : IDisposable
{
    private readonly TinyPrompts _tiny = new();

    public void Dispose() => _tiny.Dispose();

    private string[] Options =>
    [
        "train", "--task", "subj", "--model", _tiny.Model, "--few-shot", "8", "--validation-per-class", "6", "--epochs", "2", "--batch-size", "4",
        "--prompt-length", "3", "--save-dir", Path.Combine(_tiny.Root, "runs"), "--save-name", "run",
    ];

    [Fact]
    public async Task A_plan_is_a_table_or_one_json_object_and_writes_nothing()
    {
        var table = await InProcess.Run([.. Options, "--plan"]);
        table.ShouldSucceed();
        table.Output.Should().Contain("16 rows (review 8, story 8), of the 8000 of train.jsonl").And.Contain("not scored")
            .And.Contain("8 steps (4 per epoch, 2 epochs), 2 validations").And.Contain(" a validation").And.Contain("at its peak");
        var json = await InProcess.Run([.. Options, "--plan", "--json"]);
        json.ShouldSucceed();
        using var plan = JsonDocument.Parse(json.Lines.Single());
        plan.RootElement.EnumerateObject().Select(property => property.Name).Should().Equal(
            "task", "model", "method", "run_directory", "train", "validation", "test", "scores_test", "example", "answers", "trained_parameters",
            "steps", "disk", "notes", "estimate", "warnings", "runs");
        plan.RootElement.GetProperty("steps").GetProperty("total").GetInt64().Should().Be(8);
        plan.RootElement.GetProperty("train").GetProperty("origin").GetString().Should().Be("own");
        plan.RootElement.GetProperty("runs").GetProperty("count").GetInt32().Should().Be(1);
        Directory.Exists(Path.Combine(_tiny.Root, "runs")).Should().BeFalse();
    }

    [Fact]
    public async Task Seeds_multiply_a_plan()
    {
        var result = await InProcess.Run([.. Options, "--plan", "--json", "--seeds", "3,4,5"]);
        using var plan = JsonDocument.Parse(result.Lines.Single());
        var runs = plan.RootElement.GetProperty("runs");
        (runs.GetProperty("count").GetInt32(), runs.GetProperty("steps").GetInt64()).Should().Be((3, 24));
        runs.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt64()).Should().Equal(3, 4, 5);
        runs.GetProperty("bytes").GetInt64().Should().Be(3 * plan.RootElement.GetProperty("disk").GetProperty("bytes").GetInt64());
        runs.GetProperty("seconds").GetDouble().Should()
            .BeApproximately(3 * plan.RootElement.GetProperty("estimate").GetProperty("seconds").GetDouble(), 1e-9);
        plan.RootElement.GetProperty("run_directory").GetString().Should().EndWith(Path.Combine("run", "seed-3"));
        (await InProcess.Run([.. Options, "--plan", "--seeds", "1,2"])).Output.Should().Contain("all 2 runs").And.Contain("16 steps");
    }

    [Fact]
    public async Task A_run_says_its_plan_before_its_first_step()
    {
        var result = await InProcess.Run(Options);
        result.ShouldSucceed();
        var lines = result.Error.Split('\n');
        var first = Array.FindIndex(lines, line => line.Contains("Z  epoch 1/2", StringComparison.Ordinal));
        string[] before = lines[..first];
        before.Should().Contain(line => line.Contains("16 rows (review 8, story 8), of the 8000 of train.jsonl"))
            .And.Contain(line => line.Contains("8 steps (4 per epoch, 2 epochs), 2 validations") && line.Contains("on disk"))
            .And.Contain(line => line.Contains("pieces unknown"));
    }

    [Fact]
    public async Task A_plan_says_the_notes_and_warnings_of_the_run()
    {
        string[] surprising = [.. Options.Select(word => word == "6" ? "1" : word), "--bottleneck-size", "8", "--max-input-length", "12", "--test"];
        static string[] Said(ProgramResult result) => [.. result.ShouldSucceed().Error.Split('\n')
            .Select(line => line[(line.IndexOf("Z  ", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0)..])
            .Where(line => line.StartsWith("note: ", StringComparison.Ordinal) || line.StartsWith("warning: ", StringComparison.Ordinal))
            .Where(line => !line.Contains("(step ", StringComparison.Ordinal))];
        var ofPlan = Said(await InProcess.Run([.. surprising, "--plan"]));
        ofPlan.Should().Contain(line => line.Contains("were cut to 9 tokens")).And.Contain(line => line.Contains("validation rows choose"))
            .And.Contain(line => line.Contains("--bottleneck-size has no effect"));
        using var json = JsonDocument.Parse((await InProcess.Run([.. surprising, "--plan", "--json"])).Lines.Single());
        Said(await InProcess.Run(surprising)).Should().StartWith(ofPlan);
        using var record = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_tiny.Root, "runs", "run", "run.json"),
            TestContext.Current.CancellationToken));
        json.RootElement.GetProperty("warnings").GetRawText().Should()
            .Be(JsonSerializer.Serialize(record.RootElement.GetProperty("warnings")));
    }

    [Fact]
    public async Task The_score_of_the_untuned_model_is_planned_once()
    {
        double Baseline(ProgramResult result)
        {
            using var plan = JsonDocument.Parse(result.ShouldSucceed().Lines.Single());
            var estimate = plan.RootElement.GetProperty("estimate");
            var seconds = estimate.GetProperty("baseline_seconds").GetDouble();
            plan.RootElement.GetProperty("runs").GetProperty("seconds").GetDouble()
                .Should().BeApproximately(estimate.GetProperty("seconds").GetDouble() + seconds, 1e-9);
            return seconds;
        }

        var data = Directory.CreateDirectory(Path.Combine(_tiny.Root, "own")).FullName;
        var unheard = Guid.NewGuid(); // the user's cache may have the score of an earlier run of this test
        foreach (var (split, count) in new[] { ("train", 8), ("validation", 12), ("test", 6) })
        {
            await File.WriteAllLinesAsync(Path.Combine(data, split + ".jsonl"),
                Enumerable.Range(0, count).Select(i => $$"""{"sentence":"{{split}} row {{i}} {{unheard}}","label":"{{i % 2}}"}"""),
                TestContext.Current.CancellationToken);
        }

        string[] own = ["train", "--task", "sst2", "--data", data, "--model", _tiny.Model, "--epochs", "1", "--prompt-length", "3", "--save-dir",
            Path.Combine(_tiny.Root, "runs"), "--save-name", "own"];
        Baseline(await InProcess.Run([.. own, "--plan", "--json"])).Should().Be(0, "no test rows are scored");
        var table = await InProcess.Run([.. own, "--test", "--plan"]);
        table.ShouldSucceed().Output.Should().MatchRegex("then .* for the untuned model");
        Baseline(await InProcess.Run([.. own, "--test", "--plan", "--json"])).Should().BeGreaterThan(0);
        (await InProcess.Run([.. own, "--test"])).ShouldSucceed();
        Baseline(await InProcess.Run([.. own[..^1], "again", "--test", "--plan", "--json"])).Should().Be(0, "its score is kept");
    }

    [Fact]
    public void A_disk_without_room_for_all_runs_is_said()
    {
        var disk = new DiskPlan([new PlannedFile("prompt.npy", 40_000_000, true)]) { AvailableBytes = 100_000_000 };
        PlanText.Disk(disk).Should().EndWith(" free");
        PlanText.TooFull(disk, 1).Should().BeNull();
        PlanText.TooFull(disk, 2).Should().Contain("100 MB free, but 120 MB are needed");
        PlanText.TooFull(disk with { AvailableBytes = null }, 99).Should().BeNull();
    }

    [Fact]
    public async Task What_a_plan_cannot_do_is_said()
    {
        (await InProcess.Run([.. Options, "--json"])).ShouldBeRefused("*--plan*");
        (await InProcess.Run([.. Options, "--plan", "--resume"])).ShouldBeRefused("*exclude each other*");
        var ofPlan = await InProcess.Run([.. Options, "--plan", "--dropout", "2"]);
        var ofRun = await InProcess.Run([.. Options, "--dropout", "2"]);
        ofPlan.ExitCode.Should().Be(2);
        ofPlan.Error.Should().Be(ofRun.Error);
    }

    [Fact]
    public async Task Examples_are_shown_by_the_same_settings_as_a_run_takes()
    {
        var data = Directory.CreateDirectory(Path.Combine(_tiny.Root, "rows")).FullName;
        await File.WriteAllLinesAsync(
            Path.Combine(data, "train.csv"), ["text,stars", .. Enumerable.Range(0, 20).Select(i => $"text {i},{i % 2}")],
            TestContext.Current.CancellationToken);
        string[] own = ["--data", data, "--template", "say: {text}", "--label-words", "0=bad,1=good", "--label-field", "stars"];
        var shown = await InProcess.Run(["tasks", "show", .. own, "--split", "train"]);
        shown.ShouldSucceed();
        shown.Lines.Should().HaveCount(20).And.Contain("""{"index":3,"text":"say: text 3","target":"good"}""");
        var heldOut = await InProcess.Run(["tasks", "show", .. own]);
        heldOut.ShouldSucceed();
        heldOut.Lines.Should().HaveCount(2, "a tenth of each class is held out, as in a run");
        heldOut.Error.Should().Contain("2 of 20 rows are held out");
        var planned = await InProcess.Run(
            ["train", "--model", _tiny.Model, .. own, "--epochs", "1", "--save-dir", data, "--save-name", "none", "--plan", "--json"]);
        using var plan = JsonDocument.Parse(planned.Lines.Single());
        plan.RootElement.GetProperty("validation").GetProperty("rows").GetInt32().Should().Be(2);
        (await InProcess.Run("tasks", "show", "subj", "--template", "only {sentence}", "--rows", "1")).Lines.Single()
            .Should().Contain("\"text\":\"only ");
        (await InProcess.Run("tasks", "show", "--data", data, "--template", "say: {text}"))
            .ShouldBeRefused("*needs label words*: give --label-words *");
    }
}
