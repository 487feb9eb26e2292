using System.Diagnostics;
using System.Globalization;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Training;
using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Shows the progress of a run on standard error: a bar on a terminal, lines in a pipe.</summary>
internal static class TrainingProgress
{
    private const int BesideText = ErrorTerminal.BarWidth + 4 + 8 + 4; // bar, percentage, remaining time, and spaces

    internal static CompletedRun Show(Func<RunObserver, CompletedRun> train) =>
        ErrorTerminal.Find() is { } console ? ShowBar(console, train) : train(Lines.Observer());

    private static CompletedRun ShowBar(IAnsiConsole console, Func<RunObserver, CompletedRun> train) => console.Bar()
        .AutoClear(false)
        .Start(context =>
        {
            ProgressTask? bar = null;
            TrainingPlan? plan = null;
            var (epochs, metric, rate) = (0, "", new StepRate());
            return train(new RunObserver(
                start =>
                {
                    epochs = start.EpochCount;
                    plan = start.Plan;
                    foreach (var line in plan is null ? [] : PlanLines.Facts(plan))
                        console.WriteLine(line);
                    bar = context.AddTask("starting", maxValue: Math.Max(1, (double)start.StepsPerEpoch * start.EpochCount));
                    bar.Value = start.CompletedSteps;
                },
                happened =>
                {
                    if (happened is WarningRaised warning)
                        console.WriteLine(Text(warning)); // above the bar
                    if (happened is EvaluationCompleted evaluation)
                        metric = RunReport.Percent(evaluation.Metrics.Take(1).ToDictionary());
                    if (happened is not StepCompleted step || bar is null)
                        return;
                    bar.Value = step.Step;
                    bar.Description = Markup.Escape(BarText(step, epochs, rate.Next(), metric, console.Profile.Width));
                })
            {
                CardUsage = CardCommands.Of,
                OnEstimate = estimate => console.WriteLine(PlanLines.Estimate(estimate, plan!.Steps)),
            });
        });

    private static string Text(WarningRaised warning) => $"warning: {RemedyText.Of(warning)} (step {warning.Step})";

    /// <summary>The text before the bar, limited to the space beside it because a longer text would displace the bar.</summary>
    internal static string BarText(StepCompleted step, int epochs, string rate, string metric, int width)
    {
        var text = "";
        var loss = $"loss {step.Loss.ToString("0.000", CultureInfo.InvariantCulture)}";
        foreach (var part in new[] { $"epoch {step.Epoch}/{epochs}", loss, metric, $"{rate}/s" })
        {
            var longer = $"{text} {part}".Trim();
            if (longer.Length > width - BesideText)
                break;
            text = longer;
        }

        return text;
    }

    /// <summary>Steps per second over the last steps.</summary>
    private sealed class StepRate
    {
        private const double Forget = 0.95;
        private long _last = Stopwatch.GetTimestamp();
        private double _seconds;

        internal string Next()
        {
            var now = Stopwatch.GetTimestamp();
            var elapsed = Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
            (_last, _seconds) = (now, _seconds == 0 ? elapsed : (Forget * _seconds) + ((1 - Forget) * elapsed));
            return (1 / Math.Max(_seconds, 1e-6)).ToString("0.0", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Prints a line per epoch and evaluation, and occasionally one for a step.</summary>
    private sealed class Lines
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
        private long _lastLine = Stopwatch.GetTimestamp();
        private int _epochs;
        private TrainingPlan? _plan;

        internal static RunObserver Observer()
        {
            var lines = new Lines();
            return new RunObserver(lines.Start, lines.Event) { CardUsage = CardCommands.Of, OnEstimate = lines.Estimate };
        }

        private void Start(RunStart start)
        {
            (_epochs, _plan) = (start.EpochCount, start.Plan);
            foreach (var line in _plan is null ? [] : PlanLines.Facts(_plan))
                Write(line);
            Write($"training {start.TrainedParameters} parameters on {start.TrainCount} examples, {start.StepsPerEpoch} steps per epoch, "
                + $"{start.ValidationCount} validation examples"
                + (start.CompletedSteps > 0 ? $"; continuing after step {start.CompletedSteps}" : ""));
        }

        private void Estimate(PlanEstimate estimate) => Write(PlanLines.Estimate(estimate, _plan!.Steps));

        private void Event(TrainingEvent happened)
        {
            switch (happened)
            {
                case StepCompleted step when Stopwatch.GetElapsedTime(_lastLine) > Interval:
                    Write($"epoch {step.Epoch}/{_epochs}  step {step.Step}  loss {step.Loss.ToString("0.0000", CultureInfo.InvariantCulture)}");
                    break;
                case EvaluationCompleted evaluation:
                    Write(
                        $"epoch {evaluation.Epoch}/{_epochs}  step {evaluation.Step}  {evaluation.Split} "
                            + $"{RunReport.Percent(evaluation.Metrics)}  invalid {evaluation.InvalidCount}{(evaluation.IsBest ? "  best" : "")}");
                    break;
                case EpochCompleted epoch:
                    Write(
                        $"epoch {epoch.Epoch}/{_epochs}  step {epoch.Step}  mean loss "
                            + $"{epoch.MeanLoss.ToString("0.0000", CultureInfo.InvariantCulture)}");
                    break;
                case WarningRaised warning:
                    Write(Text(warning));
                    break;
                case PatienceExhausted patience:
                    Write($"stopping: no improvement in {patience.EvaluationCount} evaluations");
                    break;
            }
        }

        private void Write(string line)
        {
            Console.Error.WriteLine(line);
            _lastLine = Stopwatch.GetTimestamp();
        }
    }
}
