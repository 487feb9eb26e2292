using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>compare</c>: the settings in which runs differ, and their results.</summary>
internal static class CompareCommand
{
    internal static Command Create()
    {
        var runs = new Argument<string[]>("RUN")
        {
            Description = "Run directories. The parent directory of a --seeds run counts as one run, shown with mean and standard deviation.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object per run instead of a table." };
        var markdown = new Option<bool>("--markdown") { Description = "Print a Markdown table, one row per run." };
        var curves = new Option<string?>("--curves") { Description = "Plot training loss by step into this .svg or .png file.", HelpName = "FILE" };
        var command = new Command("compare", "Compare runs: differing settings, metrics, trained parameters and seconds.")
        {
            runs, json, markdown, curves,
        };
        command.SetAction(parsed =>
        {
            RunGroup[] groups = [.. parsed.GetValue(runs)!.Select(RunGroup.Read)];
            RunSummary[] all = [.. groups.SelectMany(group => group.Runs)];
            var differing = RunSummary.Differences(all);
            if (parsed.GetValue(curves) is { } file)
                LossCurves.Write(file, groups);
            if (parsed.GetValue(json))
                PrintJson(all, differing);
            else if (parsed.GetValue(markdown))
                PrintMarkdown(Rows(groups, [.. differing.Where(key => key != "seed")]));
            else
                TextTable.Print(Transposed(Rows(groups, differing)));
        });
        return command;
    }

    /// <summary>A header row, then one row per group.</summary>
    private static IReadOnlyList<IReadOnlyList<string>> Rows(RunGroup[] groups, IReadOnlyList<string> differing)
    {
        var columns = new List<(string Title, Func<RunGroup, string> Value)> { ("", group => group.Title) };
        foreach (var key in differing)
            columns.Add((key, group => string.Join(", ", group.Runs.Select(run => run.Settings[key]?.ToString() ?? "-").Distinct())));
        columns.Add(("status",
            group => string.Join(", ", group.Runs.Select(run => JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString())).Distinct())));
        (string, Func<RunResult, SplitResult?>)[] splits = [("validation", result => result.Validation), ("test", result => result.Test)];
        foreach (var (split, of) in splits)
        {
            var results = groups.SelectMany(group => group.Runs).Select(run => run.Result).OfType<RunResult>().Select(of).OfType<SplitResult>();
            foreach (var name in results.SelectMany(result => result.Metrics.Keys).Distinct())
                columns.Add(($"{split} {name}", group => group.Metric(of, name) is { } values ? Statistics.MeanAndDeviation(values) : "-"));
        }

        columns.Add(("trained parameters",
            group => group.Results is { } results ? results[0].TrainedParameters.ToString(CultureInfo.InvariantCulture) : "-"));
        columns.Add(("seconds", group => group.Results is { } results
            ? results.Average(result => result.DurationSeconds).ToString("0", CultureInfo.InvariantCulture)
            : "-"));
        return [[.. columns.Select(column => column.Title)], .. groups.Select(group => columns.Select(column => column.Value(group)).ToArray())];
    }

    private static IReadOnlyList<IReadOnlyList<string>> Transposed(IReadOnlyList<IReadOnlyList<string>> rows) =>
        [.. Enumerable.Range(0, rows[0].Count).Select(column => rows.Select(row => row[column]).ToArray())];

    private static void PrintMarkdown(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        static string Line(IEnumerable<string> cells) =>
            $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", @"\|", StringComparison.Ordinal)))} |";
        Console.WriteLine(Line(rows[0]));
        Console.WriteLine(Line(rows[0].Select(_ => "---")));
        foreach (var row in rows.Skip(1))
            Console.WriteLine(Line(row));
    }

    private static void PrintJson(RunSummary[] runs, IReadOnlyList<string> differing)
    {
        using var writer = new JsonLineWriter();
        foreach (var run in runs)
        {
            writer.Write(json =>
            {
                json.WriteString("run", run.Path);
                json.WriteString("status", JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()));
                json.WritePropertyName("settings");
                new JsonObject(differing.Select(key => KeyValuePair.Create(key, run.Settings[key]?.DeepClone()))).WriteTo(json);
                json.WritePropertyName("result");
                JsonSerializer.Serialize(json, run.Result, JsonFormats.SnakeCase);
            });
        }
    }
}
