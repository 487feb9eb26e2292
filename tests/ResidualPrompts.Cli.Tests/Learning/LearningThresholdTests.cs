using ResidualPrompts.Cli.Learning;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Tests.Learning;

/// <summary>When a method counts as having learned, on made-up curves.</summary>
public sealed class LearningThresholdTests
{
    private const double Constant = 0.5;

    [Fact]
    public void The_threshold_is_the_constant_and_95_percent_of_the_best_gain_and_the_same_for_all()
    {
        var (best, slow) = (Curve([0.5, 0.6, 0.69, 0.7]), Curve([0.5, 0.5, 0.6, 0.69]));
        var threshold = LearningThreshold.Of(Constant, [slow, best])!;
        threshold.Value.Should().BeApproximately(0.69, 1e-12);
        threshold.Best.Should().Be(0.7);
        threshold.FirstReached(best)!.Step.Should().Be(150, "a median at the threshold has reached it, whatever its last bit is");
        threshold.FirstReached(slow)!.Step.Should().Be(200);
    }

    [Fact]
    public void It_may_be_reached_at_the_first_evaluation() => Reached([0.9, 0.6, 0.7], Constant).Should().Be(50, "what follows does not matter");

    [Fact]
    public void A_method_that_does_not_come_near_the_best_never_reaches_it()
    {
        var weak = Curve([0.5, 0.55, 0.6]);
        LearningThreshold.Of(Constant, [weak, Curve([0.5, 0.6, 0.9])])!.FirstReached(weak).Should().BeNull();
    }

    [Fact]
    public void A_method_that_is_best_only_at_the_end_sets_the_threshold_for_an_earlier_one()
    {
        var (early, late) = (Curve([0.8, 0.84, 0.85]), Curve([0.5, 0.5, 0.88]));
        var threshold = LearningThreshold.Of(Constant, [early, late])!;
        threshold.Value.Should().BeApproximately(0.861, 1e-12);
        threshold.FirstReached(late)!.Step.Should().Be(150);
        threshold.FirstReached(early).Should().BeNull("its highest median is below what the late one learns");
    }

    [Fact]
    public void The_best_is_the_highest_at_the_end_and_not_the_highest_ever()
    {
        var fallen = Curve([0.95, 0.7]);
        LearningThreshold.Of(Constant, [fallen, Curve([0.6, 0.8])])!.Best.Should().Be(0.8);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.4)]
    public void Where_the_constant_answer_is_above_everything_there_is_no_threshold(double final) =>
        LearningThreshold.Of(Constant, [Curve([0.9, final]), Curve([0.4, 0.4])]).Should().BeNull();

    [Fact]
    public void Methods_without_an_evaluation_have_none()
    {
        LearningThreshold.Of(Constant, [new LearningCurve([])]).Should().BeNull();
        LearningThreshold.Of(Constant, []).Should().BeNull();
        LearningThreshold.Of(Constant, [new LearningCurve([]), Curve([0.7])])!.FirstReached(new LearningCurve([])).Should().BeNull();
    }

    [Fact]
    public void The_median_of_an_even_number_of_seeds_is_between_the_middle_two_and_counts_for_both_metric_and_seconds()
    {
        var curve = LearningCurve.Of([[(50, 1, 0.5)], [(50, 4, 0.9)], [(50, 3, 0.8)], [(50, 2, 0.6)]]);
        var point = curve.Points.Should().ContainSingle().Subject;
        (point.Metric.Median, point.Metric.Min, point.Metric.Max).Should().Be((0.7, 0.5, 0.9));
        point.Seconds.Median.Should().Be(2.5);
    }

    [Fact]
    public void An_odd_number_of_seeds_has_the_middle_one_however_far_the_others_are() =>
        LearningCurve.Of([[(50, 1, 0.1)], [(50, 1, 0.6)], [(50, 1, 1.0)]]).Final.Should().Be(0.6);

    [Fact]
    public void Only_evaluations_that_every_seed_has_a_value_for_count()
    {
        var curve = LearningCurve.Of([[(50, 1, null), (100, 2, 0.6), (150, 3, 0.7)], [(50, 1, 0.5), (100, 2, 0.8)]]);
        curve.Points.Select(point => point.Step).Should().Equal(100);
    }

    [Fact]
    public void The_best_rate_has_the_highest_final_median_and_the_first_of_equal_ones_stays()
    {
        LearningCurve[] curves = [Curve([0.9, 0.6]), Curve([0.5, 0.7]), new([]), Curve([0.6, 0.7])];
        LearningCurve.Best(curves).Should().BeSameAs(curves[1]);
        LearningCurve.Best([new LearningCurve([])]).Should().BeNull();
    }

    [Fact]
    public void A_rate_that_diverged_is_not_chosen_and_the_edge_of_the_rates_is_told()
    {
        LearnedMethod Of(params (double Rate, LearningCurve? Curve)[] curves) =>
            LearnedMethod.Of(LearningMethod.All[0], curves.ToDictionary(pair => pair.Rate, pair => pair.Curve));
        var middle = Of((0.1, Curve([0.6])), (0.3, Curve([0.7])), (1, null));
        (middle.Rate, middle.IsAtEdge, middle.Finals[1]).Should().Be((0.3, false, null));
        Of((0.1, Curve([0.8])), (0.3, Curve([0.7]))).IsAtEdge.Should().BeTrue();
        Of((0.1, Curve([0.8]))).IsAtEdge.Should().BeFalse("one rate alone was no choice");
        (Of((0.1, null)).Rate, Of((0.1, null)).Curve.Points.Count).Should().Be((null, 0));
    }

    [Fact]
    public void Seconds_are_those_of_the_steps_and_not_of_evaluations()
    {
        TrainingEvent[] events =
        [
            Step(1, 0.5), Step(2, 0.25), Evaluation(2, 0.6, "validation"), Step(3, 1), Evaluation(3, 0.7, "validation"), Evaluation(3, 0.9, "test"),
        ];
        LearningTraining.Points(events, "accuracy").Should().Equal((2, 0.75, 0.6), (3, 1.75, 0.7));
        static StepCompleted Step(long step, double seconds) => new(step, 1, 1, 1, 8, 80, seconds);
        static EvaluationCompleted Evaluation(long step, double value, string split) =>
            new(step, 1, split, new Dictionary<string, double?> { ["accuracy"] = value }, 10, 0, false, 100);
    }

    private static long? Reached(double[] medians, double constant)
    {
        var curve = Curve(medians);
        return LearningThreshold.Of(constant, [curve])!.FirstReached(curve)?.Step;
    }

    /// <summary>Evaluations of one seed every 50 steps.</summary>
    private static LearningCurve Curve(double[] values) =>
        LearningCurve.Of([[.. values.Select((value, i) => (50L * (i + 1), i + 1.0, (double?)value))]]);
}
