using System.Collections.Concurrent;
using System.Diagnostics;
using ResidualPrompts.Hub;
using ResidualPrompts.Hub.Download;
using Spectre.Console;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>Shows downloads on standard error: a bar per file on a terminal, lines in a pipe, nothing if the environment disables progress.</summary>
internal static class DownloadProgress
{
    private const int LongestName = 36;

    internal static T Show<T>(HubSettings settings, Func<IProgress<HubProgress>?, Task<T>> work) =>
        (!settings.ShowsProgress ? work(null)
            : ErrorTerminal.Find() is not { } console ? work(new Lines())
            : console.Progress()
                .AutoClear(false)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = ErrorTerminal.BarWidth },
                    new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
                .StartAsync(context => work(new Bars(context)))).GetAwaiter().GetResult();

    private sealed class Bars(ProgressContext context) : IProgress<HubProgress>
    {
        private readonly ConcurrentDictionary<string, ProgressTask> _tasks = new();

        public void Report(HubProgress value)
        {
            var name = value.File.Length <= LongestName ? value.File : "…" + value.File[^(LongestName - 1)..];
            var task = _tasks.GetOrAdd(value.File, _ => context.AddTask(Markup.Escape(name), maxValue: Math.Max(1, value.Size ?? value.Received)));
            if (value.Size is null)
                task.MaxValue = Math.Max(task.MaxValue, value.Received);
            task.Value = value.Received;
        }
    }

    /// <summary>Prints a line at the begin and end of each file, and a few in between.</summary>
    private sealed class Lines : IProgress<HubProgress>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
        private string? _file;
        private long _last;

        public void Report(HubProgress value)
        {
            var isDone = value.Received == value.Size;
            if (value.File == _file && !isDone && Stopwatch.GetElapsedTime(_last) < Interval)
                return;
            (_file, _last) = (value.File, Stopwatch.GetTimestamp());
            Console.Error.WriteLine(
                $"{(isDone ? "downloaded" : "downloading")} {value.File}  "
                    + $"{FileSize.Text(value.Received)}{(value.Size is { } size && !isDone ? $" of {FileSize.Text(size)}" : "")}");
        }
    }
}
