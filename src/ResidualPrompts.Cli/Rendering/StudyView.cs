using System.Globalization;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Studies;
using ResidualPrompts.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Terminal view of a study: a line for each run, and the mean and deviation of the finished ones.</summary>
internal static class StudyView
{
    internal static IRenderable Of(Study study)
    {
        RunSummary?[] runs = [.. study.Paths.Select(path => RunDirectory.Is(path) ? RunSummary.Read(path) : null)];
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("run", "status", "step", "last validation");
        foreach (var (run, named) in runs.Zip(study.Runs))
            table.AddRow([.. Row(run, named).Select(Markup.Escape)]);
        return new Rows([new Text($"{study.Folder}: {runs.Count(run => run?.Result is not null)} of {runs.Length} runs finished"), table,
            .. Means(new RunGroup([.. runs.OfType<RunSummary>()])).Select(line => new Text(line))]);
    }

    /// <summary>Whether no run is left to begin and none is being trained.</summary>
    internal static bool IsOver(Study study) =>
        study.Paths.All(path => RunDirectory.Is(path) && RunSummary.Read(path).Status is not RunStatus.Running);

    private static string[] Row(RunSummary? run, StudyRun named)
    {
        if (run is null)
            return [named.Path, "not begun", "", ""];
        var events = new EventReader(run.Path);
        events.Update();
        var last = events.Events.OfType<EvaluationCompleted>().LastOrDefault(evaluation => evaluation.IsValidation);
        var step = events.Events.OfType<StepCompleted>().LastOrDefault()?.Step ?? 0;
        return
        [
            named.Path, run.StatusName, string.Create(CultureInfo.InvariantCulture, $"{step} of {run.StepCount}"),
            last is null ? "" : string.Join(", ", last.Metrics.Select(metric => $"{metric.Key} {MetricText.Percent(metric.Value)}")),
        ];
    }

    private static IEnumerable<string> Means(RunGroup runs)
    {
        foreach (var (name, split) in new (string, Func<RunResult, SplitResult?>)[] { ("validation", result => result.Validation),
            ("test", result => result.Test) })
        {
            foreach (var metric in runs.Results.Select(split).FirstOrDefault()?.Metrics.Keys ?? [])
            {
                if (runs.Metric(split, metric) is { } values)
                    yield return $"{name} {metric} {MetricText.MeanAndDeviation(values)} over {values.Count} "
                        + (values.Count == 1 ? "finished run" : "finished runs");
            }
        }
    }
}
