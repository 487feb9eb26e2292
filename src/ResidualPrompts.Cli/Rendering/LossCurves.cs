using ResidualPrompts.Cli.Commands;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Training;
using ScottPlot;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Plots training loss by step, one curve per run; several seeds of one run are averaged.</summary>
internal static class LossCurves
{
    private const int Window = 25;
    private const int Width = 800;
    private const int Height = 480;

    /// <summary>Writes the plot in the format of the file's extension.</summary>
    internal static void Write(string path, IReadOnlyList<RunGroup> groups)
    {
        Picture.Check("--curves", path);
        using var plot = Picture.New();
        foreach (var group in groups)
        {
            var (steps, losses) = MeanCurve([.. group.Runs.Select(run => EventReader.ReadAll(run.Path).OfType<StepCompleted>().ToArray())]);
            var curve = plot.Add.ScatterLine(steps, losses);
            curve.LegendText = Path.GetFileName(Path.TrimEndingDirectorySeparator(group.Title));
            curve.LineWidth = 2;
        }

        plot.XLabel("step");
        plot.YLabel($"training loss, mean over {Window} steps");
        plot.ShowLegend(Alignment.UpperRight);
        Picture.Write(plot, "--curves", path, Width, Height);
    }

    /// <summary>Loss averaged over the runs and over a window of steps, up to the last step that every run has reached.</summary>
    internal static (double[] Steps, double[] Losses) MeanCurve(IReadOnlyList<StepCompleted[]> runs)
    {
        var count = runs.Min(run => run.Length);
        double[] means = [.. Enumerable.Range(0, count).Select(i => runs.Average(run => run[i].Loss))];
        return ([.. runs[0].Take(count).Select(point => (double)point.Step)],
            [.. Enumerable.Range(0, count).Select(i => means[Math.Max(0, i - Window + 1)..(i + 1)].Average())]);
    }
}
