using ResidualPrompts.Evaluation;
using ResidualPrompts.Statistics;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Tests.Statistics;

public sealed class MetricIntervalsTests
{
    /// <summary>Chosen rows with repetitions are as good as a list of their predictions: each metric of each task agrees with its report.</summary>
    [Theory]
    [InlineData("cb")]
    [InlineData("multirc")]
    [InlineData("cola")]
    [InlineData("mrpc")]
    [InlineData("record")]
    [InlineData("stsb")]
    [InlineData("ax-g")]
    public void Resampled_metrics_are_those_of_reports(string name)
    {
        var task = BuiltInTasks.Find(name);
        var metrics = TaskMetrics.Of(task);
        var random = new Random(4);
        Prediction[] known = [.. Enumerable.Range(0, 60).Select(row => Prediction(task, row, random))];
        var resampled = metrics.Resampled(known);
        resampled.Select(metric => metric.Name).Should().Equal(metrics.Names);
        var whole = metrics.Report(known);
        int[] all = [.. Enumerable.Range(0, 60)];
        foreach (var metric in resampled)
            metric.Of(all).Should().BeApproximately(whole[metric.Name].Value!.Value, 1e-12, metric.Name);

        // Whole groups are drawn, some twice; in a report a group that occurs twice needs a second name.
        int[] groups = [.. Enumerable.Range(0, 30).Select(_ => random.Next(30))];
        int[] rows = [.. groups.SelectMany(group => new[] { 2 * group, (2 * group) + 1 })];
        var report = metrics.Report(rows.Select((row, i) => known[row] with { Index = i, Group = $"[{i / 2}]" }));
        foreach (var metric in resampled)
            metric.Of(rows).Should().BeApproximately(report[metric.Name].Value!.Value, 1e-12, metric.Name);
    }

    [Fact]
    public void The_rule_follows_metric_and_clusters()
    {
        var random = new Random(1);
        var cb = BuiltInTasks.Find("cb");
        Prediction[] rows = [.. Enumerable.Range(0, 120).Select(row => Prediction(cb, row, random))];
        var intervals = Of(cb, rows);
        intervals.Select(interval => (interval.Metric, interval.Estimate.Interval?.Rule, interval.RowCount, interval.ClusterCount)).Should().Equal(
            ("aggregate", BootstrapInterval.Rule, 120, 120), ("accuracy", Wilson.Rule, 120, 120), ("f1_macro", BootstrapInterval.Rule, 120, 120));
        intervals.Should().OnlyContain(interval => interval.Estimate.Interval!.Holds(interval.Estimate.Value));
        Of(cb, rows).Should().Equal(intervals);

        var clustered = Of(cb, rows.Select((row, i) => row with { Cluster = $"{i / 3}" }));
        clustered[1].Estimate.Interval!.Rule.Should().Be(ClusterMean.Rule);
        clustered[1].ClusterCount.Should().Be(40);
        Of(cb, rows.Select((row, i) => row with { Cluster = $"{i % 9}" })).Should()
            .OnlyContain(interval => interval.Estimate.NoInterval == "only 9 clusters, an interval needs 10");
    }

    [Fact]
    public void Macro_F1_of_a_rare_class_has_no_interval()
    {
        var cb = BuiltInTasks.Find("cb");
        Prediction[] rows =
        [
            .. Enumerable.Range(0, 40).Select(row => new Prediction(
                row, row % 3 == 0 ? "entailment" : "contradiction", row < 4 ? "neutral" : row % 2 == 0 ? "entailment" : "contradiction")),
        ];
        var intervals = Of(cb, rows).ToDictionary(interval => interval.Metric);
        intervals["f1_macro"].Estimate.NoInterval.Should().Be("only 4 rows of class 'neutral', an interval of macro-F1 needs 5");
        intervals["accuracy"].Estimate.Interval.Should().NotBeNull();
    }

    /// <summary>CB's validation split: one row of 56 is 1.8 points of accuracy, and more of macro-F1.</summary>
    [Fact]
    public void The_largest_step_of_one_row_is_found_by_changing_each_answer()
    {
        var random = new Random(8);
        var cb = BuiltInTasks.Find("cb");
        var metrics = TaskMetrics.Of(cb);
        Prediction[] rows = [.. Enumerable.Range(0, 56).Select(row => Prediction(cb, row, random))];
        var whole = metrics.Report(rows);
        var largest = metrics.Names.ToDictionary(name => name, _ => 0.0);
        for (var row = 0; row < rows.Length; row++)
        {
            foreach (var other in cb.Outcomes)
            {
                Prediction[] changed = [.. rows];
                changed[row] = rows[row] with { Predicted = other };
                var report = metrics.Report(changed);
                foreach (var name in metrics.Names)
                    largest[name] = Math.Max(largest[name], Math.Abs(report[name].Value!.Value - whole[name].Value!.Value));
            }
        }

        var steps = metrics.Resampled(rows).ToDictionary(metric => metric.Name, metric => metric.LargestStep);
        steps["accuracy"].Should().BeApproximately(1 / 56.0, 1e-12);
        steps["f1_macro"].Should().BeApproximately(largest["f1_macro"], 1e-12);
    }

    private static IReadOnlyList<MetricInterval> Of(TaskDefinition task, IEnumerable<Prediction> predictions)
    {
        var (metrics, rows) = (TaskMetrics.Of(task), predictions.ToList());
        return MetricIntervals.Of(metrics, metrics.Report(rows), rows);
    }

    private static Prediction Prediction(TaskDefinition task, int row, Random random)
    {
        string Answer() => task.Outcomes.Count > 0 ? task.Outcomes[random.Next(task.Outcomes.Count)]
            : task.Name == "stsb" ? $"{random.Next(0, 6)}" : new[] { "the red fox", "a fox", "red dog", "cat" }[random.Next(4)];
        var reference = Answer();
        return new Prediction(row, random.Next(3) == 0 ? Answer() : reference, task.Outcomes.Count > 0 || task.Name == "stsb" ? reference : null)
        {
            Answers = task.Outcomes.Count > 0 || task.Name == "stsb" ? null : [reference, "fox"],
            Group = $"[{row / 2}]",
        };
    }
}
