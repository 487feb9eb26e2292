using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Runs;
using ResidualPrompts.Training;
using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Terminal view of a run: progress, main settings, loss as a sparkline, evaluations, and result.</summary>
internal static class RunView
{
    private const int RecentSteps = 25;
    private const int Margin = 24;
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private static readonly string[] MainSettings = ["task", "data", "model", "method", "reparameterization", "learning_rate", "batch_size",
        "prompt_length", "seed"];

    internal static Rows Of(RunSummary run, IReadOnlyList<TrainingEvent> events, int width)
    {
        StepCompleted[] steps = [.. events.OfType<StepCompleted>()];
        var rows = new List<Spectre.Console.Rendering.IRenderable>
        {
            new Text($"{run.Path}: {Progress(run, steps)}"), new Text(Settings(run.Settings)),
        };
        if (steps.Length > 0)
            rows.Add(
                new Text(
                    $"loss {steps.TakeLast(RecentSteps).Average(step => step.Loss).ToString("0.0000", CultureInfo.InvariantCulture),10}  "
                        + $"{Line([.. steps.Select(step => step.Loss)], Math.Max(10, width - Margin))}"));
        // The score on the test split is part of the result.
        EvaluationCompleted[] evaluations = [.. events.OfType<EvaluationCompleted>().Where(evaluation => evaluation.IsValidation)];
        if (evaluations.Length > 0)
            rows.Add(Table(evaluations, events));
        rows.AddRange(
            events.OfType<PatienceExhausted>().Select(patience => new Text($"stopped: no improvement in {patience.EvaluationCount} evaluations")));
        rows.AddRange(events.OfType<WarningRaised>().Select(warning => new Text(RunNotes.Text(warning))));
        if (run.Result is { } result)
            rows.Add(new Text(Outcome(result, run.Settings)));
        return new Rows(rows);
    }

    /// <summary>Values as a sparkline; each block is the mean of the values that share it.</summary>
    internal static string Line(IReadOnlyList<double> values, int width)
    {
        var count = Math.Min(width, values.Count);
        double[] means = [.. Enumerable.Range(0, count).Select(i =>
            Enumerable.Range(i * values.Count / count, ((i + 1) * values.Count / count) - (i * values.Count / count)).Average(at => values[at]))];
        var (low, high) = (means.Min(), means.Max());
        return string.Concat(means.Select(mean => Blocks[high > low ? (int)Math.Round((mean - low) / (high - low) * (Blocks.Length - 1)) : 0]));
    }

    private static string Progress(RunSummary run, StepCompleted[] steps)
    {
        var step = steps.Length > 0 ? steps[^1].Step : 0;
        var status = run.Status == RunStatus.Running && !run.IsHeld
            ? "ended unexpectedly, continue with --resume"
            : run.StatusName;
        var text = $"{status}, step {step} of {run.StepCount}";
        if (run.Status != RunStatus.Running || steps.Length == 0)
            return text;
        var seconds = steps.TakeLast(RecentSteps).Average(last => last.DurationSeconds);
        var left = TimeSpan.FromSeconds(Math.Max(0, run.StepCount - step) * seconds);
        return $"{text}, epoch {steps[^1].Epoch}, {(1 / Math.Max(seconds, 1e-6)).ToString("0.0", CultureInfo.InvariantCulture)} steps/s, "
            + $"{left.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)} of steps left";
    }

    private static string Settings(JsonObject settings) =>
        string.Join("  ", MainSettings.Where(key => settings[key] is not null).Select(key => $"{key} {settings[key]}"));

    private static Table Table(EvaluationCompleted[] evaluations, IReadOnlyList<TrainingEvent> events)
    {
        var losses = events.OfType<EpochCompleted>().GroupBy(epoch => epoch.Step).ToDictionary(group => group.Key, group => group.Last().MeanLoss);
        string[] metrics = [.. evaluations.SelectMany(evaluation => evaluation.Metrics.Keys).Distinct()];
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns(["epoch", "step", "mean loss", .. metrics.Select(metric => $"validation {metric}"), "invalid", ""]);
        foreach (var evaluation in evaluations)
        {
            table.AddRow(
            [
                $"{evaluation.Epoch}", $"{evaluation.Step}",
                losses.TryGetValue(evaluation.Step, out var loss) ? loss.ToString("0.0000", CultureInfo.InvariantCulture) : "",
                .. metrics.Select(metric => MetricText.Percent(evaluation.Metrics.GetValueOrDefault(metric))),
                $"{evaluation.InvalidCount} of {evaluation.ExampleCount}", evaluation.IsBest ? "best" : "",
            ]);
        }

        return table;
    }

    private static string Outcome(RunResult result, JsonObject settings) =>
        $"released: {result.Released} "
        + $"{RunReport.Released((string?)settings["method"] == "full", settings["train_weights"] is not null)}, of {result.ReleasedState}"
        + (result.Validation is { } validation ? $"; validation {RunReport.Percent(validation.Metrics)}" : "")
        + (result.Test is { } test ? $"; test {RunReport.Percent(test.Metrics)}" : "")
        + $"; {result.DurationSeconds.ToString("0", CultureInfo.InvariantCulture)} s";
}
