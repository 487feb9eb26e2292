using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps.Rungs;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Sweeps;

/// <summary>Who is promoted follows from what was reached, never from the order in which it was reached.</summary>
public sealed class HalvingDecisionTests
{
    private static readonly Halving Thirds = new("accuracy", [new Rung(2, false), new Rung(6, false), new Rung(18, false)], 0.34);

    [Fact]
    public void All_are_trained_to_the_first_rung_and_nothing_is_decided_before()
    {
        HalvingRun[] runs = [Run("a", 0.9), Run("b"), Run("c", 0.1)];
        HalvingDecision.Of(Thirds, runs).Should().Equal(
            new HalvingStep(0, HalvingOrder.Wait), new HalvingStep(0, HalvingOrder.Train), new HalvingStep(0, HalvingOrder.Wait));
    }

    [Fact]
    public void The_best_share_rounded_up_continues_and_the_others_pause()
    {
        HalvingRun[] runs = [Run("a", 0.5), Run("b", 0.9), Run("c", 0.1), Run("d", 0.8)];
        HalvingDecision.Of(Thirds, runs).Should().Equal(
            new HalvingStep(0, HalvingOrder.Pause), new HalvingStep(1, HalvingOrder.Train), new HalvingStep(0, HalvingOrder.Pause),
            new HalvingStep(1, HalvingOrder.Train));
        Thirds.KeptOf(4).Should().Be(2);
        Thirds.KeptOf(1).Should().Be(1);
        Thirds.KeptOf(100).Should().Be(34);
    }

    [Fact]
    public void A_lucky_seed_does_not_promote_its_setting()
    {
        HalvingRun[] runs = [Run("lucky", 0.99), Run("lucky", 0.1), Run("steady", 0.6), Run("steady", 0.6), Run("third", 0.5), Run("third", 0.5)];
        var halving = Thirds with { Keep = 0.2 };
        HalvingDecision.Of(halving, runs).Select(step => step.Rung).Should().Equal(0, 0, 1, 1, 0, 0);
    }

    [Fact]
    public void Of_equal_settings_the_first_in_the_plan_continues()
    {
        HalvingRun[] runs = [Run("a", 0.5), Run("b", 0.5), Run("c", 0.5)];
        HalvingDecision.Of(Thirds, runs).Select(step => step.Rung).Should().Equal([1, 1, 0], "two of three are kept");
    }

    [Fact]
    public void A_setting_with_a_failed_run_comes_last_and_the_failed_run_is_not_trained()
    {
        var failed = new HalvingRun("task", "a", [], IsFailed: true);
        HalvingRun[] runs = [Run("a", 0.99), failed, Run("b", 0.2), Run("b", 0.2), Run("c", 0.1), Run("c", 0.1)];
        HalvingDecision.Of(Thirds with { Keep = 0.5 }, runs).Select(step => step.Rung).Should().Equal(0, 0, 1, 1, 1, 1);
        HalvingDecision.Of(Thirds with { Keep = 0.9 }, runs).Take(2).Should().Equal(
            new HalvingStep(1, HalvingOrder.Train), new HalvingStep(1, HalvingOrder.Fail));
        HalvingRun[] allFailed = [new HalvingRun("task", "a", [], IsFailed: true), new HalvingRun("task", "b", [], IsFailed: true)];
        HalvingDecision.Of(Thirds, allFailed).Should().AllSatisfy(step => step.Should().Be(new HalvingStep(0, HalvingOrder.Fail)));
    }

    [Fact]
    public void Settings_are_compared_within_their_task_and_data_alone()
    {
        HalvingRun[] runs = [Run("a", 0.9), Run("b", 0.8), new HalvingRun("hard", "a", [0.2]), new HalvingRun("hard", "b", [0.1])];
        HalvingDecision.Of(Thirds with { Keep = 0.5 }, runs).Select(step => step.Rung).Should().Equal(1, 0, 1, 0);
    }

    [Fact]
    public void An_undefined_metric_is_worse_than_any_value()
    {
        HalvingRun[] runs = [new HalvingRun("task", "a", [null]), Run("b", -0.5)];
        HalvingDecision.Of(Thirds with { Keep = 0.5 }, runs).Select(step => step.Rung).Should().Equal(0, 1);
    }

    [Fact]
    public void What_a_run_reaches_later_changes_no_earlier_decision()
    {
        HalvingRun[] runs = [Run("a", 0.5, 0.5), Run("b", 0.6, 0.1), Run("c", 0.4), Run("d", 0.1)];
        HalvingDecision.Of(Thirds, runs).Select(step => step.Rung).Should().Equal([2, 1, 0, 0], "b was better at rung 0, and a is at rung 1");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_whatever_order_runs_advance_the_same_ones_are_promoted(int seed)
    {
        var random = new Random(seed);
        double[][] values =
            [.. Enumerable.Range(0, 24).Select(_ => Enumerable.Range(0, 3).Select(_ => Math.Round(random.NextDouble(), 1)).ToArray())];
        var ends = Enumerable.Range(0, 20).Select(order => Simulate(values, new Random((seed * 100) + order))).ToList();
        ends.Should().AllSatisfy(end => end.Should().Equal(ends[0]));
        ends[0].Count(rung => rung == 3).Should().Be(2 * 2 * 2, "of 6 settings in each of two tasks 3 and then 2 are kept, with 2 seeds each");
    }

    [Fact]
    public void The_values_at_rungs_are_the_best_so_far_and_end_where_the_run_was_not_evaluated()
    {
        var spec = new RunSpec { BatchSize = 10 };
        EvaluationCompleted At(long step, double value) => new(
            step, 1, "validation", new Dictionary<string, double?> { ["accuracy"] = value }, 10, 0, IsBest: false, 1);
        RungValues.Of([At(10, 0.3), At(20, 0.9), At(40, 0.5), At(60, 0.6)], Thirds, spec, 100).Should().Equal(0.9, 0.9);
        RungValues.Of([At(10, 0.3)], Thirds, spec, 100).Should().BeEmpty();
        RungValues.Of([At(20, 0.3), At(60, 0.2), At(180, 0.7)], Thirds, spec, 100).Should().Equal(0.3, 0.3, 0.7);
    }

    [Theory]
    [InlineData("6", 6, false)]
    [InlineData("200steps", 200, true)]
    [InlineData("0", 0, false)]
    [InlineData("-1", 0, false)]
    [InlineData("1.5", 0, false)]
    [InlineData("steps", 0, false)]
    [InlineData("200 steps", 0, false)]
    public void A_rung_is_epochs_or_steps(string text, long length, bool inSteps)
    {
        Rung.TryParse(text, out var rung).Should().Be(length > 0);
        if (length > 0)
        {
            rung.Should().Be(new Rung(length, inSteps));
            rung.ToString().Should().Be(text);
        }
    }

    /// <summary>Advances single runs in a random order until nothing is left to train; how many rungs each has reached.</summary>
    private static int[] Simulate(double[][] values, Random order)
    {
        var reached = new int[values.Length];
        while (true)
        {
            HalvingRun[] runs = [.. reached.Select((rungs, i) => new HalvingRun(
                $"task {i % 2}", $"setting {i / 4}", [.. values[i][..rungs].Select(value => (double?)value)]))];
            var steps = HalvingDecision.Of(Thirds, runs);
            int[] open = [.. Enumerable.Range(0, values.Length).Where(i => steps[i].Order == HalvingOrder.Train)];
            if (open.Length == 0)
                return reached;
            var next = open[order.Next(open.Length)];
            steps[next].Rung.Should().Be(reached[next]);
            reached[next]++;
        }
    }

    private static HalvingRun Run(string setting, params double[] values) => new("task", setting, [.. values.Select(value => (double?)value)]);
}
