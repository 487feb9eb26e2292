using System.Diagnostics;
using System.Globalization;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Sweeps;
using Spectre.Console;

namespace ResidualPrompts.Cli.Sweeps.Running;

/// <summary>Shows a sweep at work on standard error: lines, and on a terminal below them a table of the runs under way.</summary>
internal sealed class SweepProgress
{
    private static readonly TimeSpan BetweenTables = TimeSpan.FromSeconds(1);
    private readonly IAnsiConsole? _console;
    private readonly LiveDisplayContext? _live;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Dictionary<string, (long Step, long Time)> _first = [];
    private Dictionary<string, long> _left = [];
    private long _stepsDone;
    private long _shown;
    private int _ended;
    private int _count;
    private bool _hasWaited;

    private SweepProgress(IAnsiConsole? console, LiveDisplayContext? live) => (_console, _live) = (console, live);

    /// <summary>Works with a display.</summary>
    internal static int During(Func<SweepProgress, int> work)
    {
        if (ErrorTerminal.Find() is not { } console)
            return work(new SweepProgress(null, null));
        var code = 0;
        console.Live(new Text("")).AutoClear(true).Start(live => code = work(new SweepProgress(console, live)));
        return code;
    }

    /// <summary>Says what there is to do, and with what.</summary>
    internal void Begin(SweepPlan plan, SweepResources resources)
    {
        foreach (var note in plan.Notes.Append(resources.Note).OfType<string>())
            Line($"note: {note}");
        foreach (var missing in plan.Missing)
            Line($"missing: {missing}");
        _left = plan.Runs.Where(run => run.Work is SweepWork.Train or SweepWork.Continue && run.LastStep is not null)
            .ToDictionary(run => run.Directory, run => run.LastStep!.Value);
        _count = plan.Runs.Count;
        _ended = plan.Runs.Count(run => run.State is SweepRunState.Finished or SweepRunState.Longer);
        Line(string.Create(CultureInfo.InvariantCulture,
            $"{SweepPlanTable.Sums(plan)}. {resources.Jobs} at once, {resources.Threads} {(resources.Threads == 1 ? "thread" : "threads")} each."));
    }

    /// <summary>Says that a process has a run.</summary>
    internal void Started(SweepRun run)
    {
        if (_live is null)
            Line($"{run.Name}: {(RunDirectory.Is(run.Directory) ? "continues" : "begins")}");
    }

    /// <summary>Says that a process is done with a run.</summary>
    internal void Ended(SweepRun run, bool isDone)
    {
        if (!isDone)
        {
            Line($"{run.Name}: another process trains it");
            return;
        }

        var state = RunState.Of(new RunDirectory(run.Directory));
        _ended++;
        _stepsDone += Math.Max(0, state.Step - _first.GetValueOrDefault(run.Directory).Step);
        _left.Remove(run.Directory);
        Line(string.Create(CultureInfo.InvariantCulture, $"{run.Name}: finished{Value(state)} ({_ended} of {_count}{Remaining([])})"));
    }

    internal void Retried(SweepRun run, string reason) => Line($"{run.Name}: crashed ({ShownText.Line(reason)}), tried once more");

    internal void Failed(string name, string reason) => Line($"{name}: failed, {ShownText.Line(reason)}");

    internal void Stopping(int count) => Line(string.Create(CultureInfo.InvariantCulture, $"Stopping: {count} runs save at their next step."));

    internal void Wait(int count)
    {
        if (!_hasWaited)
            Line(string.Create(CultureInfo.InvariantCulture, $"Waiting for {count} runs that other processes train."));
        _hasWaited = true;
    }

    internal void End(SweepPlan plan) => Line(SweepPlanTable.Sums(plan));

    /// <summary>Shows the runs under way, on a terminal.</summary>
    internal void Show(IReadOnlyList<SweepRun> active)
    {
        if (_live is null || Stopwatch.GetElapsedTime(_shown) < BetweenTables)
            return;
        _shown = Stopwatch.GetTimestamp();
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("run", "epoch", "step", "metric", "steps/s");
        var steps = new List<long>();
        foreach (var run in active)
        {
            var state = RunState.Read(new RunDirectory(run.Directory));
            if (state is null || state.Status != RunStatus.Running)
            {
                table.AddRow(Markup.Escape(run.Name), "", "starting", "", "");
                continue;
            }

            var (step, time) = _first.TryGetValue(run.Directory, out var first) ? first
                : _first[run.Directory] = (state.Step, Stopwatch.GetTimestamp());
            var seconds = Stopwatch.GetElapsedTime(time).TotalSeconds;
            steps.Add(state.Step - step);
            var value = Markup.Escape(Value(state).TrimStart(',', ' '));
            table.AddRow(Markup.Escape(run.Name), $"{state.Epoch}", $"{state.Step} of {state.StepCount}", value,
                seconds > 1 ? ((state.Step - step) / seconds).ToString("0.0", CultureInfo.InvariantCulture) : "");
        }

        var sum = string.Create(CultureInfo.InvariantCulture, $"{_ended} of {_count} finished{Remaining(steps)}");
        table.Caption = new TableTitle(Markup.Escape(sum));
        _live.UpdateTarget(table);
        _live.Refresh();
    }

    private static string Value(RunState state) =>
        state.Metric is { } metric && state.Best is not null ? $", {metric} {MetricText.Percent(state.Best)}" : "";

    /// <summary>The time that the rest takes at the speed so far.</summary>
    private string Remaining(IReadOnlyList<long> active)
    {
        var done = _stepsDone + active.Sum();
        var left = _left.Values.Sum() - active.Sum();
        if (done <= 0 || left <= 0)
            return "";
        var time = Stopwatch.GetElapsedTime(_start) * ((double)left / done);
        var text = time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min" : $"{(int)Math.Ceiling(time.TotalMinutes)} min";
        return $", about {text} left";
    }

    private void Line(string text)
    {
        if (_console is null)
            Console.Error.WriteLine(text);
        else
            _console.WriteAbove(text);
    }
}
