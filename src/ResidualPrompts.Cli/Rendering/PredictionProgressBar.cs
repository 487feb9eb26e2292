using System.Diagnostics;
using System.Globalization;
using ResidualPrompts.Runs;
using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Shows on standard error how far predictions are: a bar on a terminal, nothing when piped.</summary>
internal static class PredictionProgressBar
{
    private const int BarWidth = 14;

    /// <summary>Shows the bar while work is done.</summary>
    /// <param name="work">The work; tells how far it is.</param>
    /// <param name="isHidden">Whether results go to the same terminal.</param>
    internal static void Show(Action<Action<PredictionProgress>> work, bool isHidden = false)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (isHidden || Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            work(_ => { });
            return;
        }

        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var start = Stopwatch.GetTimestamp();
                var bar = context.AddTask("predicting", maxValue: 1);
                work(progress =>
                {
                    bar.Value = progress.Fraction;
                    bar.Description = Markup.Escape(Text(progress, Stopwatch.GetElapsedTime(start)));
                });
            });
    }

    /// <summary>The line at the end.</summary>
    internal static string Summary(PredictionProgress done, TimeSpan elapsed, string output, string errors)
    {
        var earlier = done.ResumedRowCount > 0 ? $", {Count(done.ResumedRowCount)} of them before" : "";
        var bad = done.BadRowCount == 0 ? "" : $"; {Count(done.BadRowCount)} bad rows in {errors}";
        return $"{Count(done.RowCount)} rows in {output}{earlier}; {elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s, {Rate(done, elapsed)} rows/s{bad}";
    }

    internal static string Text(PredictionProgress progress, TimeSpan elapsed) =>
        $"{Count(progress.RowCount)} rows  {Rate(progress, elapsed)}/s{(progress.BadRowCount > 0 ? $"  {Count(progress.BadRowCount)} bad" : "")}";

    private static string Rate(PredictionProgress progress, TimeSpan elapsed) => Count((long)((progress.RowCount - progress.ResumedRowCount) / Math.Max(elapsed.TotalSeconds, 1e-3)));

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
