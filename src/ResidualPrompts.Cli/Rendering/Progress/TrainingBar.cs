using System.Globalization;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>
/// The progress of a run on a terminal: above, a line for each finished epoch, which stays; below, a bar, which vanishes with the run. The bar says
/// what is done: loading, training, validating, scoring. Only training has a remaining time.
/// </summary>
internal sealed class TrainingBar(IAnsiConsole console, RunNotes notes, ProgressTask bar, TimeProvider clock)
{
    private const int TimeWidth = 8;
    private const int BesideText = ErrorTerminal.BarWidth + 4 + TimeWidth + 4; // bar, percentage, remaining time, and spaces
    private TrainingText _text = new(0);
    private TrainingPace _pace = new(0, clock);
    private StepCompleted? _step;
    private TrainingPlan? _plan;
    private int _epochs;

    /// <summary>The remaining time; empty where none is known.</summary>
    internal string Left { get; private set; } = "";

    internal RunObserver Observer => new(Start, Event)
    {
        CardUsage = CardCommands.Of,
        OnEvaluating = Evaluating,
        OnEstimate = estimate => console.WriteAbove(PlanLines.Estimate(estimate, _plan!.Steps)),
    };

    internal static CompletedRun Show(IAnsiConsole console, RunNotes notes, Func<RunObserver, CompletedRun> train)
    {
        TrainingBar? display = null;
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = ErrorTerminal.BarWidth },
                new PercentageColumn(), new LeftColumn(() => display?.Left ?? ""))
            .Start(context =>
            {
                display = new TrainingBar(console, notes, context.AddTask("loading the model and the data"), TimeProvider.System);
                try
                {
                    return train(display.Observer);
                }
                finally
                {
                    display.Write(display._text.Rest());
                }
            });
    }

    private void Start(RunStart start)
    {
        (_epochs, _plan) = (start.EpochCount, start.Plan);
        foreach (var line in _plan is null ? [] : PlanLines.Facts(_plan))
            console.WriteAbove(line);
        if (start.Length is { } length)
            console.WriteAbove(length);
        notes.Begin(start, console.WriteAbove);
        (_text, _pace) = (new TrainingText(_epochs), new TrainingPace(start.StepCount, clock));
        bar.MaxValue = Math.Max(1, start.StepCount);
        bar.Value = start.CompletedSteps;
        bar.Description = "training";
    }

    private void Event(TrainingEvent happened)
    {
        Write(_text.Of(happened));
        if (happened is StepCompleted step)
        {
            _pace.Add(step);
            _step = step;
            bar.Value = step.Step;
        }

        Left = _pace.Left;
        if (_step is { } last)
            bar.Description = Markup.Escape(StepText(last, _epochs, _pace.Rate, _text.Metric, console.Profile.Width));
    }

    private void Evaluating(DataSplit split)
    {
        Left = "";
        var isValidation = split == DataSplit.Validation;
        var (where, metric) = (isValidation && _step is { } last ? $"epoch {last.Epoch}/{_epochs}" : "", isValidation ? _text.Metric : "");
        bar.Description = Markup.Escape(
            TrainingText.Fit([where, TrainingText.Of(split), metric], Math.Max(1, console.Profile.Width - BesideText)));
    }

    private void Write(IEnumerable<string[]> lines)
    {
        foreach (var parts in lines)
            console.WriteAbove(TrainingText.Fit(parts, console.Profile.Width));
    }

    /// <summary>The text before the bar, limited to the space beside it because a longer text would displace the bar.</summary>
    internal static string StepText(StepCompleted step, int epochs, string rate, string metric, int width)
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

    /// <summary>The remaining time, at the right.</summary>
    private sealed class LeftColumn(Func<string> left) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(left());

        public override int? GetColumnWidth(RenderOptions options) => Math.Max(TimeWidth, left().Length);
    }
}
