using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Sweeps;

/// <summary>What was trained is found by what it is, whatever it is called; what is another run is never taken for it.</summary>
public sealed class SweepStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SweepStateTests() => SweepText.Prepare(_folder, test: 8);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_finished_run_is_found_also_under_another_name_and_from_another_place()
    {
        SweepText.Train(Plan());
        Plan().Runs.Single().Should().Match<SweepRun>(run => run.State == SweepRunState.Finished && run.Work == SweepWork.None);
        Directory.CreateDirectory(_folder.File("sweep/mine"));
        Directory.Move(_folder.File("sweep/rows/plain-lr0.3-p2-s0"), _folder.File("sweep/mine/first"));
        var run = Plan().Runs.Single();
        run.State.Should().Be(SweepRunState.Finished);
        run.Directory.Should().Be(_folder.File("sweep/mine/first"));

        TinyFolder.Copy(_folder.File("model"), _folder.File("copy"));
        Plan(more: "\"model\": \"copy\",", without: "\"model\": \"model\",").Runs.Single().State
            .Should().Be(SweepRunState.Finished, "the content counts");
    }

    [Fact]
    public void What_only_observes_makes_no_other_run()
    {
        SweepText.Train(Plan());
        Plan(", \"checkpoint_every_steps\": 1, \"keep_checkpoint\": true").Runs.Single().State.Should().Be(SweepRunState.Finished);
    }

    [Fact]
    public void A_test_score_that_is_wanted_and_lacking_is_still_to_be_made()
    {
        SweepText.Train(Plan());
        Plan(", \"test\": true").Runs.Single().Should()
            .Match<SweepRun>(run => run.State == SweepRunState.Finished && run.Work == SweepWork.Score);
        Directory.Delete(_folder.File("sweep"), true);
        SweepText.Train(Plan(", \"test\": true"));
        Plan(", \"test\": true").Runs.Single().Work.Should().Be(SweepWork.None);
        Plan().Runs.Single().Work.Should().Be(SweepWork.None);
    }

    [Theory]
    [InlineData(", \"weight_decay\": 0.1", "weight_decay")]
    [InlineData(", \"few_shot\": 8", "few_shot")]
    [InlineData(", \"validation_per_class\": 4", "validation_per_class")]
    [InlineData(", \"evaluate_every_steps\": 1", "evaluate_every_steps")]
    [InlineData(", \"schedule\": \"linear\"", "schedule")]
    public void A_run_of_other_settings_under_the_same_name_is_changed_and_not_touched(string settings, string differing)
    {
        SweepText.Train(Plan());
        var run = Plan(settings).Runs.Single();
        run.State.Should().Be(SweepRunState.Changed);
        run.Work.Should().Be(SweepWork.None);
        run.Detail.Should().Be($"{differing} differ");
    }

    [Fact]
    public void Other_data_and_another_model_are_another_run()
    {
        SweepText.Train(Plan());
        File.AppendAllText(_folder.File("rows/validation.jsonl"), "{\"input_ids\":[3,1],\"target_ids\":[7,1]}\n");
        Plan().Runs.Single().Detail.Should().Be("data_digests differ");
        TinyFolder.WriteModel(_folder, seed: 2);
        Plan().Runs.Single().Detail.Should().Be("data_digests, model_digests differ");
    }

    [Fact]
    public void A_prompt_file_counts_by_its_content()
    {
        SweepText.Train(Plan());
        var source = _folder.File("sweep/rows/plain-lr0.3-p2-s0/prompt.npy");
        File.Copy(source, _folder.File("a.npy"));
        File.Copy(source, _folder.File("b.npy"));
        SweepText.Train(Plan(", \"prompt_init\": \"file:a.npy\", \"weight_decay\": 0"));
        Plan(", \"prompt_init\": \"file:b.npy\", \"weight_decay\": 0").Runs.Single().State.Should().Be(SweepRunState.Changed, "the name is taken");
        Directory.Move(_folder.File("sweep/rows/plain-lr0.3-p2-s0"), _folder.File("sweep/rows/plain"));
        SweepText.Train(Plan(", \"prompt_init\": \"file:a.npy\", \"weight_decay\": 0"));
        Plan(", \"prompt_init\": \"file:b.npy\", \"weight_decay\": 0").Runs.Single().State.Should().Be(SweepRunState.Finished);
        var bytes = File.ReadAllBytes(_folder.File("b.npy"));
        bytes[^1] ^= 1;
        File.WriteAllBytes(_folder.File("b.npy"), bytes);
        Plan(", \"prompt_init\": \"file:b.npy\", \"weight_decay\": 0").Runs.Single().Detail.Should().Be("prompt_init_digest differ");
    }

    [Fact]
    public void A_shorter_run_grows_and_a_longer_one_is_never_given_for_the_shorter()
    {
        SweepText.Train(Plan());
        var grows = Plan(", \"epochs\": 3", without: "\"epochs\": 1,");
        grows.Runs.Single().Should().Match<SweepRun>(run => run.State == SweepRunState.Interrupted && run.Work == SweepWork.Continue);
        SweepText.Train(grows);
        Plan(", \"epochs\": 3", without: "\"epochs\": 1,").Runs.Single().State.Should().Be(SweepRunState.Finished);
        var longer = Plan().Runs.Single();
        longer.State.Should().Be(SweepRunState.Longer);
        longer.Detail.Should().Be("it has 6 steps, the file asks for 2");
        longer.Work.Should().Be(SweepWork.None);
    }

    [Fact]
    public void Over_an_axis_of_budgets_each_run_is_its_own()
    {
        SweepText.Train(Plan());
        var plan = Axis("\"epochs\": [1, 3]");
        plan.Runs.Select(run => (run.Name, run.State)).Should().Equal(
            ("rows/plain-lr0.3-p2-e1-s0", SweepRunState.Finished), ("rows/plain-lr0.3-p2-e3-s0", SweepRunState.Planned));
        plan.Runs[0].Directory.Should().Be(_folder.File("sweep/rows/plain-lr0.3-p2-s0"));
        SweepText.Train(plan);
        Axis("\"epochs\": [1, 3]").Runs.Should().OnlyContain(run => run.State == SweepRunState.Finished);
        var one = Axis("\"epochs\": [3]");
        one.Runs.Single().State.Should().Be(SweepRunState.Finished);
        one.NotInFile.Select(run => run.Directory).Should().Equal(_folder.File("sweep/rows/plain-lr0.3-p2-s0"));
    }

    [Fact]
    public void A_run_that_patience_ended_is_as_long_as_it_gets()
    {
        const string patient = ", \"epochs\": 40, \"patience\": 1, \"learning_rate\": 1e-30";
        SweepText.Train(Plan(patient, without: "\"epochs\": 1,"));
        Plan(patient, without: "\"epochs\": 1,").Runs.Single().State.Should().Be(SweepRunState.Finished);
        Plan(patient.Replace("40", "45", StringComparison.Ordinal), without: "\"epochs\": 1,").Runs.Single().State
            .Should().Be(SweepRunState.Finished);
    }

    [Fact]
    public void Runs_that_the_file_does_not_name_are_listed()
    {
        SweepText.Train(Axis("\"seed\": [0, 1]"));
        var plan = Axis("\"seed\": [1]");
        plan.NotInFile.Select(run => run.Directory).Should().Equal(_folder.File("sweep/rows/plain-lr0.3-p2-s0"));
        plan.Counts.Should().Equal(new Dictionary<SweepRunState, int> { [SweepRunState.Finished] = 1, [SweepRunState.NotInFile] = 1 });
    }

    [Fact]
    public void A_run_that_is_being_trained_is_running_and_a_killed_one_is_interrupted()
    {
        SweepText.Train(Plan());
        var directory = new RunDirectory(_folder.File("sweep/rows/plain-lr0.3-p2-s0"));
        File.Delete(directory.State); // the record speaks for the run
        (RunRecord.Read(directory) with { Status = RunStatus.Running, Result = null }).Write(directory);
        using (RunLock.Take(directory))
            Plan().Runs.Single().State.Should().Be(SweepRunState.Running);
        Plan().Runs.Single().Should().Match<SweepRun>(run => run.State == SweepRunState.Interrupted && run.Work == SweepWork.Continue);
        (RunRecord.Read(directory) with { Status = RunStatus.Failed }).Write(directory);
        Plan().Runs.Single().State.Should().Be(SweepRunState.Failed);
    }

    [Fact]
    public void Of_a_finished_run_only_the_short_state_is_read_and_it_says_what_the_record_says()
    {
        SweepText.Train(Plan(", \"test\": true"));
        var directory = new RunDirectory(_folder.File("sweep/rows/plain-lr0.3-p2-s0"));
        var byState = FoundRun.Read(directory.Path);
        var record = File.ReadAllText(directory.Record);
        File.WriteAllText(directory.Record, "x");
        FoundRun.Read(directory.Path).Should().Be(byState, "the record is not read");
        File.WriteAllText(directory.Record, record);
        File.Delete(directory.State);
        FoundRun.Read(directory.Path).Should().Be(byState);
    }

    [Fact]
    public void An_identity_by_another_rule_says_nothing()
    {
        SweepText.Train(Plan());
        var state = _folder.File("sweep/rows/plain-lr0.3-p2-s0/state.json");
        var text = File.ReadAllText(state);
        text.Should().Contain("\"1:");
        File.WriteAllText(state, text.Replace("\"1:", "\"0:x", StringComparison.Ordinal));
        Plan().Runs.Single().State.Should().Be(SweepRunState.Finished);
    }

    [Theory]
    [InlineData("run.json", "{\"status\":", "its record cannot be read: *damaged*")]
    [InlineData("run.json", "", "its record cannot be read: *")]
    [InlineData("prompt.npy", "x", "its folder holds files and no record of a run")]
    public void A_half_written_directory_is_never_overwritten(string name, string content, string detail)
    {
        Directory.CreateDirectory(_folder.File("sweep/rows/plain-lr0.3-p2-s0"));
        _folder.Write($"sweep/rows/plain-lr0.3-p2-s0/{name}", content);
        var run = Plan().Runs.Single();
        run.State.Should().Be(SweepRunState.Changed);
        run.Detail.Should().Match(detail);
    }

    [Fact]
    public void A_name_that_goes_to_another_run_of_the_file_is_not_free()
    {
        SweepText.Train(Runs("{ \"save_name\": \"a\" }"));
        var plan = Runs("{ \"save_name\": \"b\" }, { \"save_name\": \"a\", \"learning_rate\": 1 }");
        plan.Runs[0].Should().Match<SweepRun>(run => run.State == SweepRunState.Finished && run.Directory == _folder.File("sweep/a"));
        plan.Runs[1].State.Should().Be(SweepRunState.Changed);
        plan.Runs[1].Detail.Should().Be("its folder holds the run that the file now calls b");
    }

    private SweepPlan Plan(string more = "", string? without = null) => SweepText.Plan(_folder, more.EndsWith(',')
        ? $$"""{ "base": { {{more}} {{Without(without)}} } }"""
        : $$"""{ "base": { {{Without(without)}} {{more}} } }""");

    private SweepPlan Axis(string axis) => SweepText.Plan(_folder, $$"""{ "base": { {{SweepText.Base}} }, "axes": { {{axis}} } }""");

    private SweepPlan Runs(string runs) => SweepText.Plan(_folder, $$"""{ "base": { {{SweepText.Base}} }, "runs": [ {{runs}} ] }""");

    private static string Without(string? part) => part is null ? SweepText.Base : SweepText.Base.Replace(part, "", StringComparison.Ordinal);
}
