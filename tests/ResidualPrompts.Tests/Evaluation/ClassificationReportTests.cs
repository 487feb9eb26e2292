using CsCheck;
using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Tests.Evaluation;

public sealed class ClassificationReportTests
{
    private static readonly string[] Labels = ["a", "b", "c"];

    [Fact]
    public void Rows_are_counted_by_reference_and_prediction()
    {
        var report = Report(("a", "a"), ("a", "b"), ("a", null), ("b", "b"), ("b", "other"), (null, "a"));
        (report.Count, report.InvalidCount).Should().Be((5, 2));
        report.Accuracy.Should().Be(new Metric("accuracy", 0.4));
        report.MacroF1.Value.Should().BeApproximately(((2.0 / 4) + (2.0 / 4) + 0) / 3, 1e-12); // c occurs nowhere and counts as 0
        report.Metrics.Should().Equal(report.Accuracy, report.MacroF1);
        var table = report.Confusion;
        Enumerable.Range(0, 3).Select(row => (table[row, 0], table[row, 1], table[row, 2], table.Invalid(row))).Should().Equal((1, 1, 0, 1), (0, 1, 0, 1), (0, 0, 0, 0));
        (table.ReferenceCount(0), table.PredictedCount(1)).Should().Be((3, 2));
    }

    [Fact]
    public void Without_examples_there_is_no_value_but_a_reason()
    {
        foreach (var report in new[] { Report(), Report((null, "a")) })
        {
            report.Count.Should().Be(0);
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
            report.Accuracy.Value.Should().Be(pairs.Count(pair => pair.Item1 == pair.Item2) / (double)pairs.Length);
        });

    private static ClassificationReport Report(params (string? Reference, string? Predicted)[] pairs) =>
        ClassificationReport.Of(pairs.Select((pair, i) => new Prediction(i, pair.Predicted, pair.Reference)), Labels);
}
