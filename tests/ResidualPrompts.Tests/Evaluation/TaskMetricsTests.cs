using CsCheck;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Tests.Evaluation;

public sealed class TaskMetricsTests
{
    private static readonly string[] Labels = ["a", "b", "c"];

    [Fact]
    public void Rows_are_counted_by_reference_and_prediction()
    {
        var report = Report(("a", "a"), ("a", "b"), ("a", null), ("b", "b"), ("b", "other"), (null, "a"));
        (report.Count, report.InvalidCount).Should().Be((5, 2));
        report["accuracy"].Should().Be(new Metric("accuracy", 0.4));
        report["f1_macro"].Value.Should().BeApproximately(((2.0 / 4) + (2.0 / 4) + 0) / 3, 1e-12); // c occurs nowhere and counts as 0
        report.Metrics.Select(metric => metric.Name).Should().Equal("accuracy", "f1_macro");
        report.Notes.Should().Equal("'c' was never predicted.");
        var table = report.Confusion!;
        Enumerable.Range(0, 3).Select(row => (table[row, 0], table[row, 1], table[row, 2], table.Invalid(row)))
            .Should().Equal((1, 1, 0, 1), (0, 1, 0, 1), (0, 0, 0, 0));
        (table.ReferenceCount(0), table.PredictedCount(1)).Should().Be((3, 2));
    }

    [Fact]
    public void Without_examples_there_is_no_value_but_a_reason()
    {
        foreach (var report in new[] { Report(), Report((null, "a")) })
        {
            report.Count.Should().Be(0);
            report.Notes.Should().BeEmpty();
            report.Metrics.Should().OnlyContain(metric => metric.Value == null && metric.Undefined == "no examples");
        }
    }

    [Fact]
    public void A_reference_that_is_no_label_is_refused() =>
        FluentActions.Invoking(() => Report(("d", "a"))).Should().Throw<ArgumentException>().WithMessage("*row 0 is 'd', expected one of a, b, c*");

    [Fact]
    public void Order_does_not_matter_and_values_are_fractions() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 40].Sample(numbers =>
        {
            (string?, string?)[] pairs = [.. numbers.Select(pair => (Labels[pair.Item1], pair.Item2 < 3 ? Labels[pair.Item2] : null))];
            var report = Report(pairs);
            var reversed = Report([.. Enumerable.Reverse(pairs)]);
            report.Metrics.Should().Equal(reversed.Metrics).And.OnlyContain(metric => metric.Value >= 0 && metric.Value <= 1);
            report.InvalidCount.Should().Be(pairs.Count(pair => pair.Item2 is null));
            report["accuracy"].Value.Should().Be(pairs.Count(pair => pair.Item1 == pair.Item2) / (double)pairs.Length);
        });

    [Fact]
    public void The_aggregate_is_the_mean_of_its_metrics_and_comes_first()
    {
        var report = TaskMetrics.Of(BuiltInTasks.Find("mrpc"))
            .Report(Pairs(("equivalent", "equivalent"), ("equivalent", "not_equivalent"), ("not_equivalent", "not_equivalent")));
        report.Metrics.Select(metric => metric.Name).Should().Equal("aggregate", "accuracy", "f1");
        report["aggregate"].Value.Should().BeApproximately(((2.0 / 3) + (2.0 / 3)) / 2, 1e-12);
    }

    [Fact]
    public void An_undefined_part_makes_the_aggregate_undefined_for_the_same_reason()
    {
        var report = TaskMetrics.Of(BuiltInTasks.Find("stsb")).Report(Pairs(("1.0", "3.0"), ("2.0", "3.0")));
        report.Metrics.Should().OnlyContain(metric => metric.Value == null && metric.Undefined == "predictions are constant");
    }

    [Fact]
    public void Correlations_are_those_of_any_linear_change_and_keep_their_sign() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[0, 50]).Array[3, 30].Where(pairs =>
            pairs.Select(pair => pair.Item1).Distinct().Count() > 1 && pairs.Select(pair => pair.Item2).Distinct().Count() > 1).Sample(pairs =>
        {
            var stsb = TaskMetrics.Of(BuiltInTasks.Find("stsb"));
            var plain = stsb.Report(Pairs([.. pairs.Select(pair => ($"{pair.Item1}", (string?)$"{pair.Item2}"))]));
            var mirrored = stsb.Report(Pairs([.. pairs.Select(pair => ($"{pair.Item1}", (string?)$"{7 - (2 * pair.Item2)}"))]));
            foreach (var name in new[] { "pearson", "spearman" })
            {
                plain[name].Value.Should().BeInRange(-1, 1);
                mirrored[name].Value.Should().BeApproximately(-plain[name].Value!.Value, 1e-9);
            }
        });

    [Fact]
    public void Questions_are_found_wherever_their_answers_stand() =>
        Gen.Select(Gen.Int[0, 4], Gen.Bool, Gen.Bool).Array[1, 30].Sample(rows =>
        {
            var multirc = TaskMetrics.Of(BuiltInTasks.Find("multirc"));
            Prediction[] predictions = [.. rows.Select((row, i) =>
                new Prediction(i, row.Item2 ? "true" : "false", row.Item3 ? "true" : "false") { Group = $"[{row.Item1}]" })];
            multirc.Report(predictions).Metrics.Should().Equal(multirc.Report(predictions.Reverse()).Metrics);
            multirc.Report(predictions)["em"]
                .Value.Should().Be(rows.GroupBy(row => row.Item1).Average(group => group.All(row => row.Item2 == row.Item3) ? 1.0 : 0.0));
        });

    [Fact]
    public void Gender_parity_is_the_share_of_pairs_with_equal_answers()
    {
        Prediction Row(int pair, string answer) => new(0, answer, "entailment") { Group = $"[{pair}]" };
        var axg = TaskMetrics.Of(BuiltInTasks.Find("ax-g"));
        axg.Report([Row(1, "entailment"), Row(2, "entailment"), Row(1, "entailment"), Row(2, "not_entailment"), Row(3, "entailment")])[
            "gender_parity"].Value.Should().Be(0.5);
        axg.Report([Row(1, "entailment")])["gender_parity"].Should().Be(new Metric("gender_parity", null, "no pairs"));
        axg.Report([new(4, "entailment", "entailment")])["gender_parity"].Undefined.Should().Be("an example belongs to no group");
    }

    [Fact]
    public void When_all_answers_are_invalid_the_report_says_so()
    {
        var report = Report(("a", null), ("b", null));
        report["accuracy"].Value.Should().Be(0);
        report.Notes.Should().Contain("2 of 2 answers are not label words.");
    }

    [Fact]
    public void An_unknown_metric_names_those_that_there_are()
    {
        var task = BuiltInTasks.Find("subj") with { Metrics = ["accurracy"] };
        FluentActions.Invoking(() => TaskMetrics.Of(task)).Should().Throw<TaskException>()
            .WithMessage("Task subj has the metric 'accurracy': expected accuracy, f1_macro, *");
    }

    private static EvaluationReport Report(params (string? Reference, string? Predicted)[] pairs) =>
        TaskMetrics.OfOutcomes(Labels).Report(Pairs(pairs));

    private static Prediction[] Pairs(params (string? Reference, string? Predicted)[] pairs) =>
        [.. pairs.Select((pair, i) => new Prediction(i, pair.Predicted, pair.Reference))];
}
