using ResidualPrompts.Cli.Rendering;
using ScottPlot;

namespace ResidualPrompts.Cli.Learning;

/// <summary>
/// Plots the metric by step and by seconds, side by side: the median over seeds of each method, in a band from the lowest to the highest, with the
/// threshold as a line and a dot where it is first reached. A curve that does not reach it ends in a cross.
/// </summary>
internal static class LearningChart
{
    private const int PanelWidth = 700;
    private const int Height = 480;
    private const int MarkSize = 12;

    /// <summary>Writes the plot in the format of the file's extension.</summary>
    internal static void Write(string option, string path, LearningResult result, int seedCount)
    {
        using var bySteps = Panel(result, "step", point => point.Step);
        using var bySeconds = Panel(result, "seconds of training, without evaluations", point => point.Seconds.Median);
        bySteps.YLabel($"validation {result.Metric}, median of {seedCount} {(seedCount == 1 ? "seed" : "seeds")}");
        Picture.Write([bySteps, bySeconds], option, path, PanelWidth, Height);
    }

    private static Plot Panel(LearningResult result, string axis, Func<LearningPoint, double> placeOf)
    {
        var plot = Picture.New();
        foreach (var method in result.Methods)
        {
            var color = CurveBand.Draw(plot, LearningReport.Legend(result, method),
                [.. method.Curve.Points.Select(point => new BandPoint(placeOf(point), point.Metric.Median, point.Metric.Min, point.Metric.Max))]);
            if (color is not { } drawn)
                continue;
            var (marked, shape) = result.Reached(method) is { } reached
                ? (reached, MarkerShape.FilledCircle) : (method.Curve.Points[^1], MarkerShape.Cross);
            plot.Add.Marker(placeOf(marked), marked.Metric.Median, shape, MarkSize, drawn);
        }

        Line(plot, result.Constant, "constant answer", LinePattern.Dotted);
        if (result.Threshold is { } threshold)
            Line(plot, threshold.Value, $"threshold, {MetricText.Percent(threshold.Value)}", LinePattern.Dashed);
        plot.XLabel(axis);
        plot.ShowLegend(Alignment.LowerRight);
        return plot;
    }

    private static void Line(Plot plot, double value, string name, LinePattern pattern)
    {
        var line = plot.Add.HorizontalLine(value, width: 1, color: Colors.Gray, pattern: pattern);
        line.LegendText = name;
    }
}
