using System.Globalization;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Studies;
using Spectre.Console;

namespace ResidualPrompts.Cli.Comparison;

/// <summary>
/// A comparison as a table: one row per group of seeds, the best validation metric first. Columns that do not fit are left out from the end of
/// <see cref="LeftOut"/>'s order, so that no number is ever broken.
/// </summary>
internal sealed class ComparisonTable
{
    private const int NarrowestText = 12; // wrapping text takes at least this
    private const int BetweenColumns = 3;
    private readonly List<Column> _columns = [];
    private readonly IReadOnlyList<RunGroup> _groups;

    /// <param name="groups">The rows.</param>
    /// <param name="keys">The settings to name in each row.</param>
    internal ComparisonTable(IReadOnlyList<RunGroup> groups, IReadOnlyList<string> keys)
    {
        var names = Names(groups);
        _groups = [.. groups.OrderByDescending(RankOf).ThenBy(group => names[group], StringComparer.Ordinal)];
        Add("run", group => names[group], importance: 0, wraps: true);
        if (keys.Count > 0)
            Add("settings", group => string.Join(", ", keys.Select(key => SettingText.Short(key, group[key]))), importance: 0, wraps: true);
        if (groups.Any(group => group.Runs.Count > 1))
            Add("n", Count, importance: 0);
        if (!groups.All(group => group.IsFinished))
            Add("status", group => string.Join(", ", group.Runs.Select(run => run.StatusName).Distinct()), importance: 1);
        AddMetrics("validation", result => result.Validation);
        AddMetrics("test", result => result.Test);
        Add("trained parameters", group => group.Results is [var first, ..] ? Number(first.TrainedParameters) : "-", importance: 4);
        Add("seconds", group => group.Results is { Count: > 0 } results ? Number(results.Average(result => result.DurationSeconds)) : "-",
            importance: 5);
    }

    /// <summary>Titles of the columns that the last table had no room for.</summary>
    internal IReadOnlyList<string> LeftOut { get; private set; } = [];

    /// <summary>The header and all rows, with every column.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> Rows =>
        [[.. _columns.Select(column => column.Title)], .. _groups.Select(group => _columns.Select(column => column.Value(group)).ToArray())];

    /// <summary>A table that is at most this wide.</summary>
    /// <param name="width">Columns of the terminal.</param>
    internal Table Fitting(int width)
    {
        var shown = new List<Column>(_columns);
        while (shown.Sum(WidthOf) > width && shown.Where(column => column.Importance > 0).MaxBy(column => column.Importance) is { } least)
            shown.Remove(least);
        LeftOut = [.. _columns.Except(shown).Select(column => column.Title)];
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in shown)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Title.Replace(' ', column.Wraps ? ' ' : '\n')))
            {
                NoWrap = !column.Wraps,
                Alignment = column.Wraps ? Justify.Left : Justify.Right,
            });
        }

        foreach (var group in _groups)
            table.AddRow([.. shown.Select(column => Markup.Escape(column.Value(group)))]);
        return table;
    }

    /// <summary>The names of groups without the beginning that all of them share.</summary>
    internal static IReadOnlyDictionary<RunGroup, string> Names(IReadOnlyList<RunGroup> groups) =>
        groups.Zip(SettingText.ShortPaths(RunGroup.Names(groups))).ToDictionary(pair => pair.First, pair => pair.Second);

    private static string Count(RunGroup group) =>
        group.IsFinished ? Number(group.Runs.Count) : $"{Number(group.Results.Count)} of {Number(group.Runs.Count)}";

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>The mean of the first validation metric, else of the first test metric; the row's rank.</summary>
    private static double RankOf(RunGroup group)
    {
        Func<RunResult, SplitResult?>[] splits = [result => result.Validation, result => result.Test];
        foreach (var split in splits)
        {
            if (group.Results is [var first, ..] && split(first)?.Metrics.Keys.FirstOrDefault() is { } name
                && group.Metric(split, name) is { } values)
                return values.Average();
        }

        return double.NegativeInfinity;
    }

    private void AddMetrics(string split, Func<RunResult, SplitResult?> of)
    {
        var names = _groups.SelectMany(group => group.Results).Select(of).OfType<SplitResult>().SelectMany(result => result.Metrics.Keys).Distinct();
        foreach (var (i, name) in names.Index())
            Add($"{split} {name}", group => group.Metric(of, name) is { } values ? MetricText.MeanAndDeviation(values) : "-", i == 0 ? 0 : 2);
    }

    private void Add(string title, Func<RunGroup, string> value, int importance, bool wraps = false) =>
        _columns.Add(new Column(title, value, importance, wraps));

    private int WidthOf(Column column)
    {
        var longest = _groups.Select(column.Value).Append(column.Title.Split(' ').MaxBy(word => word.Length)!).Max(text => text.Length);
        return BetweenColumns + (column.Wraps ? Math.Min(longest, NarrowestText) : longest);
    }

    private sealed record Column(string Title, Func<RunGroup, string> Value, int Importance, bool Wraps);
}
