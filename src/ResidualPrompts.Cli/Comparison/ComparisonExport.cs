using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Comparison;

/// <summary>A comparison for other programs: every run with all settings and all metrics, whatever the runs have in common.</summary>
internal static class ComparisonExport
{
    private static readonly (string Name, Func<RunResult, SplitResult?> Of)[] Splits =
        [("validation", result => result.Validation), ("test", result => result.Test)];

    /// <summary>One JSON object per run.</summary>
    internal static void PrintJson(IReadOnlyList<RunGroup> groups)
    {
        var names = ComparisonTable.Names(groups);
        JsonLineWriter.Run(writer =>
        {
            foreach (var (group, run) in Runs(groups))
            {
                writer.Write(json =>
                {
                    json.WriteString("run", run.Path);
                    json.WriteString("group", names[group]);
                    json.WriteString("status", run.StatusName);
                    json.WritePropertyName("settings");
                    run.Settings.WriteTo(json);
                    json.WritePropertyName("result");
                    JsonSerializer.Serialize(json, run.Result, JsonFormats.SnakeCase);
                });
            }
        });
    }

    /// <summary>
    /// One row per run. Numbers are fractions; a cell is empty where there is no value. The columns of metrics are those that any of the runs has.
    /// </summary>
    internal static void PrintCsv(IReadOnlyList<RunGroup> groups)
    {
        var names = ComparisonTable.Names(groups);
        RunResult[] results = [.. groups.SelectMany(group => group.Results)];
        var columns = new List<(string Title, Func<RunSummary, object?> Value)>
        {
            ("status", run => run.StatusName),
        };
        foreach (var key in groups[0].Runs[0].Settings.Select(setting => setting.Key))
            columns.Add((key, run => run.Settings[key] is { } value ? SettingText.Plain(value) : null));
        foreach (var (split, of) in Splits)
        {
            SplitResult? In(RunSummary run) => run.Result is { } result ? of(result) : null;
            columns.Add(($"{split}_n", run => In(run)?.N));
            columns.Add(($"{split}_invalid", run => In(run)?.Invalid));
            foreach (var metric in results.Select(of).OfType<SplitResult>().SelectMany(result => result.Metrics.Keys).Distinct())
                columns.Add(($"{split}_{metric}", run => In(run)?.Metrics.GetValueOrDefault(metric)));
        }

        columns.AddRange(
        [
            ("steps_done", run => run.Result?.Steps), ("epochs_done", run => run.Result?.Epochs), ("released", run => run.Result?.Released),
            ("released_epoch", run => run.Result?.ReleasedEpoch), ("released_step", run => run.Result?.ReleasedStep),
            ("trained_parameters", run => run.Result?.TrainedParameters),
            ("duration_seconds", run => run.Result?.DurationSeconds),
        ]);
        using var output = new StreamWriter(StandardOutput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        using var csv = new CsvWriter(output, CultureInfo.InvariantCulture);
        WriteRow(csv, ["run", "group", .. columns.Select(column => column.Title)]);
        foreach (var (group, run) in Runs(groups))
            WriteRow(csv, [run.Path, names[group], .. columns.Select(column => column.Value(run))]);
    }

    private static void WriteRow(CsvWriter csv, IEnumerable<object?> cells)
    {
        foreach (var cell in cells)
            csv.WriteField(Convert.ToString(cell, CultureInfo.InvariantCulture));
        csv.NextRecord();
    }

    private static IEnumerable<(RunGroup Group, RunSummary Run)> Runs(IReadOnlyList<RunGroup> groups) =>
        groups.SelectMany(group => group.Runs.Select(run => (group, run)));
}
