using System.Text.Json.Nodes;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Sweeps;

/// <summary>A second stage follows from the finished runs of the first, whoever asks and how often.</summary>
public sealed class SecondStageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SecondStageTests() => SweepText.Prepare(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_setting_by_its_mean_over_seeds_gets_more_seeds_once_the_first_runs_are_done()
    {
        var first = Plan();
        first.Runs.Should().HaveCount(6);
        first.Notes.Should().Equal("refine adds up to 3 runs once 6 more of its 6 first runs are finished.");
        SweepText.Train(first);
        // A lucky seed of rate 1, and rate 0.1 better in the mean.
        foreach (var (name, value) in new[]
        {
            ("lr0.1-p2-s0", 0.7), ("lr0.1-p2-s1", 0.7), ("lr0.3-p2-s0", 0.6), ("lr0.3-p2-s1", 0.6), ("lr1-p2-s0", 0.9), ("lr1-p2-s1", 0.3),
        })
            SetValidation(name, value);
        var plan = Plan();
        plan.Notes.Should().BeEmpty();
        plan.Runs.Skip(6).Select(run => (run.Name, run.IsRefined, run.State)).Should().Equal(
            ("rows/plain-lr0.1-p2-s2", true, SweepRunState.Planned), ("rows/plain-lr0.1-p2-s3", true, SweepRunState.Planned));
        SweepText.Train(plan);
        var done = Plan();
        done.Runs.Should().HaveCount(8).And.OnlyContain(run => run.State == SweepRunState.Finished, "the second stage does not choose again");
    }

    [Fact]
    public void A_setting_with_a_failed_run_is_not_chosen()
    {
        SweepText.Train(Plan());
        foreach (var name in new[] { "lr0.1-p2-s0", "lr0.3-p2-s1" })
            Change(name, json => json["status"] = "failed");
        Plan().Runs.Skip(6).Select(run => run.Name).Should().Equal("rows/plain-lr1-p2-s2", "rows/plain-lr1-p2-s3");
        Change("lr1-p2-s0", json => json["status"] = "failed");
        var plan = Plan();
        plan.Runs.Should().HaveCount(6);
        plan.Notes.Should().ContainSingle().Which.Should().Contain("nothing to choose from");
    }

    [Fact]
    public void A_metric_that_no_run_has_chooses_nothing_and_that_is_said()
    {
        SweepText.Train(Plan());
        Plan("validation:f2").Notes.Should().ContainSingle().Which.Should().Contain("validation f2");
    }

    private SweepPlan Plan(string by = "validation") => SweepText.Plan(_folder, $$"""
        {
          "base": { {{SweepText.Base}} },
          "axes": { "learning_rate": [0.1, 0.3, 1] },
          "seeds": [0, 1],
          "refine": { "choose": "learning_rate", "by": "{{by}}", "seeds": [1, 2, 3] }
        }
        """);

    private void SetValidation(string name, double value) => Change(name, json => json["result"]!["validation"]!["metrics"]!["accuracy"] = value);

    private void Change(string name, Action<JsonNode> change)
    {
        var path = _folder.File($"sweep/rows/plain-{name}/run.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        change(json);
        File.Delete(_folder.File($"sweep/rows/plain-{name}/state.json")); // the record speaks for the run
        File.WriteAllText(path, json.ToJsonString());
    }
}
