using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Sweeps;

/// <summary>
/// What a file asks for: which runs, in which order, under which names; and that each of them is one run, however often it is asked for.
/// </summary>
public sealed class SweepPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SweepPlanTests() => SweepText.Prepare(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Axes_make_a_grid_lists_add_runs_and_seeds_follow_each_other()
    {
        var plan = Plan($$"""
            {
              "base": { {{SweepText.Base}} },
              "axes": { "reparameterization": ["none", "mlp"], "learning_rate": [0.1, 0.3], },
              "runs": [ { "optimizer": "adafactor" } ], // a comment
              "seeds": [0, 1],
            }
            """);
        plan.Runs.Select(run => run.Name).Should().Equal(
            "rows/plain-lr0.1-p2-s0", "rows/plain-lr0.1-p2-s1", "rows/plain-lr0.3-p2-s0", "rows/plain-lr0.3-p2-s1",
            "rows/mlp-lr0.1-p2-s0", "rows/mlp-lr0.1-p2-s1", "rows/mlp-lr0.3-p2-s0", "rows/mlp-lr0.3-p2-s1",
            "rows/plain-lr0.3-p2-adafactor-s0", "rows/plain-lr0.3-p2-adafactor-s1");
        plan.Runs.Should().OnlyContain(run => run.State == SweepRunState.Planned && run.Work == SweepWork.Train && run.LastStep == 2);
        plan.File.SaveDir.Should().Be(_folder.File("sweep"));
        plan.Runs[0].Spec.Directory.Should().Be(_folder.File("sweep/rows/plain-lr0.1-p2-s0")).And.Be(plan.Runs[0].Directory);
    }

    [Fact]
    public void Groups_inherit_the_top_of_the_file_and_replace_what_they_say_themselves()
    {
        var plan = Plan($$"""
            {
              "save_dir": "elsewhere",
              "base": { {{SweepText.Base}} },
              "axes": { "learning_rate": [0.1, 0.3] },
              "seeds": [0, 1],
              "groups": {
                "plain": { "label": "Prompt tuning" },
                "mlp": { "base": { "reparameterization": "mlp" }, "axes": { "learning_rate": [1] }, "seeds": [5] },
                "fixed": { "base": { "learning_rate": 3 }, "seeds": [7] }
              }
            }
            """);
        plan.Runs.Select(run => run.Name).Should().Equal(
            "rows/plain-lr0.1-p2-s0", "rows/plain-lr0.1-p2-s1", "rows/plain-lr0.3-p2-s0", "rows/plain-lr0.3-p2-s1", "rows/mlp-lr1-p2-s5",
            "rows/plain-lr3-p2-s7");
        plan.File.Groups.Select(group => group.Label).Should().Equal("Prompt tuning", "mlp", "fixed");
        plan.File.SaveDir.Should().Be(_folder.File("elsewhere"));
    }

    [Fact]
    public void Excluded_are_runs_that_have_all_of_the_settings()
    {
        var plan = Plan($$"""
            {
              "base": { {{SweepText.Base}} },
              "axes": { "reparameterization": ["none", "mlp"], "learning_rate": [0.1, 0.3] },
              "exclude": [ { "reparameterization": "mlp", "learning_rate": 0.1 }, { "reparameterization": "none", "seed": 9 } ]
            }
            """);
        plan.Runs.Select(run => run.Name).Should().Equal("rows/plain-lr0.1-p2-s0", "rows/plain-lr0.3-p2-s0", "rows/mlp-lr0.3-p2-s0");
        plan.Notes.Should().ContainSingle().Which.Should().Be("exclude[1] excludes no run.");
    }

    [Fact]
    public void Settings_that_act_on_nothing_make_no_second_run_and_that_is_said()
    {
        var plan = Plan($$"""
            { "base": { {{SweepText.Base}} }, "axes": { "reparameterization": ["none", "mlp"], "bottleneck_size": [4, 8, 16] } }
            """);
        plan.Runs.Select(run => run.Name).Should().Equal(
            "rows/plain-lr0.3-p2-s0", "rows/mlp-lr0.3-p2-w4-s0", "rows/mlp-lr0.3-p2-w8-s0", "rows/mlp-lr0.3-p2-w16-s0");
        plan.Runs[0].Spec.BottleneckSize.Should().Be(new RunSpec().BottleneckSize, "a run is not warned of what the sweep dropped");
        plan.Notes.Should().ContainSingle().Which.Should().StartWith("2 of 6 entries repeat a run, which is trained once");
    }

    [Fact]
    public void A_run_of_two_groups_is_one_run_of_both()
    {
        var plan = Plan($$"""
            { "base": { {{SweepText.Base}} }, "groups": { "a": {}, "b": { "axes": { "learning_rate": [0.3, 1] } } } }
            """);
        plan.Runs.Select(run => string.Join("+", run.Groups.Select(group => group.Name))).Should().Equal("a+b", "b");
        plan.Notes.Should().BeEmpty("a run that two groups share is meant");
    }

    [Fact]
    public void A_value_that_is_the_default_is_the_default()
    {
        var plan = Plan($$"""
            {
              "base": { {{SweepText.Base}} },
              "runs": [ {}, { "learning_rate": 0.3 }, { "network_learning_rate": null, "clip": null }, { "evaluate_every": 1 },
                { "evaluation": "labels" } ]
            }
            """);
        plan.Runs.Should().ContainSingle();
    }

    [Fact]
    public void Names_stay_when_values_and_axes_are_added()
    {
        string[] Names(string axes) => [.. Plan($$"""{ "base": { {{SweepText.Base}} }, "axes": { {{axes}} } }""").Runs.Select(run => run.Name)];
        var before = Names("\"learning_rate\": [0.1, 0.3]");
        Names("\"learning_rate\": [0.03, 0.1, 0.3, 1]").Should().Contain(before);
        Names("\"learning_rate\": [0.1, 0.3], \"weight_decay\": [0.00001, 0.1]").Should().Contain(before);
        Names("\"learning_rate\": [0.1, 0.3], \"skip\": [true, false]").Should().Contain(before);
    }

    [Fact]
    public void A_name_is_a_safe_name_of_a_folder_and_short()
    {
        var text = string.Concat(Enumerable.Repeat("classify : / this ", 30));
        var plan = Plan($$"""
            { "base": { {{SweepText.Base}} }, "axes": { "train_weights": ["layer_norm", "../../decoder.block.0", "{{text}}", "{{text}}2"] } }
            """);
        plan.Runs.Should().HaveCount(4);
        plan.Runs.Should().OnlyContain(run => Path.GetDirectoryName(run.Directory) == _folder.File("sweep/rows"));
        plan.Runs.Should().OnlyContain(run => Path.GetFileName(run.Directory).Length < 200);
        plan.Runs[0].Name.Should().Be("rows/plain-lr0.3-p2-train-layer_norm-s0");
    }

    [Fact]
    public void A_name_can_be_given_to_one_run()
    {
        var plan = Plan($$"""{ "base": { {{SweepText.Base}} }, "runs": [ { "save_name": "best", "learning_rate": 1 } ], "seeds": [0, 1] }""");
        plan.Runs.Select(run => run.Name).Should().Equal("best-s0", "best-s1");
    }

    [Fact]
    public void Paths_are_relative_to_the_file_wherever_the_command_runs()
    {
        Directory.CreateDirectory(_folder.File("elsewhere"));
        var above = SweepText.Base.Replace(": \"model\"", ": \"../model\"", StringComparison.Ordinal)
            .Replace(": \"rows\"", ": \"../rows\"", StringComparison.Ordinal);
        _folder.Write("elsewhere/sweep.json", $$"""{ "base": { {{above}} } }""");
        var run = SweepPlan.Of(_folder.File("elsewhere/sweep.json")).Runs.Single();
        run.Missing.Should().BeEmpty();
        run.Spec.Model.Should().Be(_folder.File("model"));
        run.Spec.Data.Should().Be(_folder.File("rows"));
    }

    [Fact]
    public void Models_and_data_that_are_not_at_hand_are_named_and_the_rest_is_planned()
    {
        var plan = Plan("""
            {
              "axes": { "task": ["boolq", "wsc"], "model": ["shape:t5-base", "shape:t5-large"], "learning_rate": [0.3, 10] },
              "seeds": [0, 1]
            }
            """);
        plan.Runs.Should().HaveCount(16);
        plan.Runs.Select(run => run.Name).Should().OnlyHaveUniqueItems().And.Contain("boolq/t5-base-plain-lr10-p10-s1");
        plan.Runs.Should().OnlyContain(run => run.State == SweepRunState.Planned && !run.Identity.IsComplete);
        plan.Missing.Should().HaveCount(3);
        plan.Missing.Should().Contain(missing => missing.Contains("shape:t5-large")).And.Contain(missing => missing.Contains("boolq"));
        plan.Runs.Where(run => run.Spec.Task == "wsc").Should().OnlyContain(run => run.LastStep > 0);
    }

    private SweepPlan Plan(string json) => SweepText.Plan(_folder, json);
}
