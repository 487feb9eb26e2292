using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Studies;
using ResidualPrompts.Training;
using ScottPlot;

namespace ResidualPrompts.Cli.Comparison;

/// <summary>
/// Plots training loss and the validation metric by step, side by side: one curve per group, the mean over its seeds, in a band of one
/// standard deviation.
/// </summary>
internal static class TrainingCurves
{
    private const int LongestWindow = 25;
    private const int LeastWindows = 4; // a curve shows at least this many windows' worth of steps
    private const int PanelWidth = 700;
    private const int Height = 480;

    /// <summary>Writes the plot in the format of the file's extension.</summary>
    internal static void Write(string path, IReadOnlyList<RunGroup> groups)
    {
        Picture.Check("--curves", path);
        var names = ComparisonTable.Names(groups);
        (string Name, TrainingEvent[][] Runs)[] read =
            [.. groups.Select(group => (names[group], group.Runs.Select(run => EventReader.ReadAll(run.Path).ToArray()).ToArray()))];
        var window = WindowOf([.. read.SelectMany(group => group.Runs).Select(run => run.OfType<StepCompleted>().Count())]);
        using var loss = Picture.New();
        using var metric = Picture.New();
        var metricNames = new List<string>();
        foreach (var (name, runs) in read)
        {
            Draw(loss, name, MeanCurve([.. runs.Select(run => LossOf(run, window))]));
            var values = runs.Select(MetricOf).ToArray();
            metricNames.AddRange(values.Select(one => one.Name).OfType<string>());
            Draw(metric, name, MeanCurve([.. values.Select(one => one.Points)]));
        }

        loss.XLabel("step");
        loss.YLabel(window == 1 ? "training loss" : $"training loss, mean over {window} steps");
        loss.ShowLegend(Alignment.UpperRight);
        metric.XLabel("step");
        metric.YLabel($"validation {string.Join(", ", metricNames.Distinct())}");
        metric.ShowLegend(Alignment.LowerRight);
        Picture.Write(metricNames.Count > 0 ? [loss, metric] : [loss], "--curves", path, PanelWidth, Height);
    }

    /// <summary>The number of steps in one mean: 25, or a quarter of the shortest run.</summary>
    internal static int WindowOf(IReadOnlyList<int> stepCounts) => Math.Clamp(stepCounts.DefaultIfEmpty(0).Min() / LeastWindows, 1, LongestWindow);

    /// <summary>The mean over every full window of steps, at the window's last step. The first steps have no full window, hence no point.</summary>
    internal static IReadOnlyList<(double Step, double Value)> LossOf(IReadOnlyList<TrainingEvent> events, int window)
    {
        StepCompleted[] steps = [.. events.OfType<StepCompleted>()];
        return
        [
            .. Enumerable.Range(window - 1, Math.Max(0, steps.Length - window + 1))
                .Select(last => ((double)steps[last].Step, steps.AsSpan((last - window + 1)..(last + 1)).ToArray().Average(step => step.Loss))),
        ];
    }

    /// <summary>Mean and sample standard deviation over the runs, at the steps that every run has.</summary>
    internal static IReadOnlyList<(double Step, double Mean, double Deviation)> MeanCurve(
        IReadOnlyList<IReadOnlyList<(double Step, double Value)>> runs)
    {
        var values = runs.SelectMany(run => run).GroupBy(point => point.Step).Where(step => step.Count() == runs.Count).OrderBy(step => step.Key);
        return [.. values.Select(step =>
            (step.Key, step.Average(point => point.Value), MetricText.Deviation([.. step.Select(point => point.Value)])))];
    }

    private static (string? Name, IReadOnlyList<(double Step, double Value)> Points) MetricOf(TrainingEvent[] events)
    {
        EvaluationCompleted[] evaluations = [.. events.OfType<EvaluationCompleted>().Where(evaluation => evaluation.IsValidation)];
        var name = evaluations.FirstOrDefault()?.Metrics.Keys.FirstOrDefault();
        return (name, name is null ? [] :
        [
            .. evaluations.Where(evaluation => evaluation.Metrics.GetValueOrDefault(name) is not null)
                .Select(evaluation => ((double)evaluation.Step, evaluation.Metrics[name]!.Value)),
        ]);
    }

    private static void Draw(Plot plot, string name, IReadOnlyList<(double Step, double Mean, double Deviation)> points) => CurveBand.Draw(
        plot, name, [.. points.Select(point => new BandPoint(point.Step, point.Mean, point.Mean - point.Deviation, point.Mean + point.Deviation))]);
}
