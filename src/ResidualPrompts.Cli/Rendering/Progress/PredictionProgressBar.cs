using System.Diagnostics;
using System.Globalization;
using ResidualPrompts.Predictions;
using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>Shows the progress of predictions on standard error: a bar on a terminal, nothing in a pipe.</summary>
internal static class PredictionProgressBar
{
    /// <summary>Shows the bar while work is done.</summary>
    /// <param name="work">The work, which reports its progress.</param>
    internal static void Show(Action<Action<PredictionProgress>> work)
    {
        if (ErrorTerminal.Find() is not { } console)
        {
            work(_ => { });
            return;
        }

        console.Bar()
            .AutoClear(true)
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

    /// <summary>The final summary line.</summary>
    internal static string Summary(PredictionProgress done, TimeSpan elapsed, string output, string errors)
    {
        var earlier = done.ResumedRowCount > 0 ? $", {Count(done.ResumedRowCount)} of them before" : "";
        var bad = done.BadRowCount == 0 ? "" : $"; {Count(done.BadRowCount)} bad rows in {errors}";
        return $"{Count(done.RowCount)} rows in {output}{earlier}; "
            + $"{elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s, {Rate(done, elapsed)} rows/s{bad}";
    }

    internal static string Text(PredictionProgress progress, TimeSpan elapsed) =>
        $"{Count(progress.RowCount)} rows  {Rate(progress, elapsed)}/s{(progress.BadRowCount > 0 ? $"  {Count(progress.BadRowCount)} bad" : "")}";

    private static string Rate(PredictionProgress progress, TimeSpan elapsed) =>
        Count((long)((progress.RowCount - progress.ResumedRowCount) / Math.Max(elapsed.TotalSeconds, 1e-3)));

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
