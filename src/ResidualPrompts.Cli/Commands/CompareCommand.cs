using System.CommandLine;
using ResidualPrompts.Cli.Comparison;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>compare</c>: runs in one table, with the settings in which they differ and their results.</summary>
internal static class CompareCommand
{
    private const string EachRun = "run";
    private const string Validation = "validation";

    internal static Command Create()
    {
        var paths = new Argument<string[]>("RUN")
        {
            Description = "Run directories and studies, as --seeds makes them. Runs that differ in their seeds alone share a row.",
            Arity = ArgumentArity.OneOrMore,
        };
        var groupBy = new Option<string?>("--group-by")
        {
            Description = $"One row per value of these settings, over all other settings; '{EachRun}': one row per run. "
                + "Default: all settings but the seeds.",
            HelpName = "KEY,KEY,…",
        };
        var choose = new Option<string?>("--choose")
        {
            Description = "Keep the best value of these settings, by the mean validation metric over seeds.",
            HelpName = "KEY,KEY,…",
        };
        var by = new Option<string?>("--by")
        {
            Description = "With --choose: validation, or validation:METRIC. Default: validation, with the first metric of the task.",
            HelpName = "SPLIT",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object per run, with all settings and all metrics." };
        var csv = new Option<bool>("--csv") { Description = "Print one row per run as CSV, with all settings and all metrics." };
        var markdown = new Option<bool>("--markdown") { Description = "Print a Markdown table." };
        var curves = new Option<string?>("--curves")
        {
            Description = "Plot training loss and the validation metric by step into this .svg or .png file; a band is ± one standard deviation.",
            HelpName = "FILE",
        };
        var command = new Command("compare",
            "Compare runs: differing settings, metrics as mean ± standard deviation over seeds, parameters, seconds.")
        {
            paths, groupBy, choose, by, json, csv, markdown, curves,
        };
        command.SetAction(parsed =>
        {
            if (new[] { json, csv, markdown }.Count(parsed.GetValue) > 1)
                throw new UsageException($"--json, --csv and --markdown exclude each other.");
            if (parsed.GetValue(by) is not null && parsed.GetValue(choose) is null)
                throw new UsageException($"--by needs --choose with the settings to choose.");
            StandardOutput.Require();
            var runs = RunFolders.Read(parsed.GetValue(paths)!);
            foreach (var run in RunFolders.NotBegun(parsed.GetValue(paths)!))
                Console.Error.WriteLine($"note: {run} is not begun, so its study is not complete.");
            var (groups, keys) = Grouped(runs, parsed.GetValue(groupBy));
            if (parsed.GetValue(choose) is { } chosen)
                groups = new SettingChoice(Keys("--choose", chosen), MetricOf(parsed.GetValue(by) ?? Validation)).Best(groups);
            foreach (var repeated in groups.SelectMany(group => group.Repeated))
                Console.Error.WriteLine($"warning: {repeated.Path} repeats the settings and seeds of another run of its row.");
            if (parsed.GetValue(curves) is { } file)
                TrainingCurves.Write(file, groups);
            if (parsed.GetValue(json))
                ComparisonExport.PrintJson(groups);
            else if (parsed.GetValue(csv))
                ComparisonExport.PrintCsv(groups);
            else
                Print(new ComparisonTable(groups, keys), parsed.GetValue(markdown));
        });
        return command;
    }

    /// <summary>The rows, and the settings that name them.</summary>
    private static (IReadOnlyList<RunGroup> Groups, IReadOnlyList<string> Keys) Grouped(IReadOnlyList<RunSummary> runs, string? groupBy)
    {
        var differing = RunSummary.Differences(runs);
        if (groupBy == EachRun)
            return ([.. runs.Select(run => new RunGroup([run]))], differing);
        if (groupBy is not null && Keys("--group-by", groupBy) is var keys)
            return (RunGroup.Of(runs, keys), keys);
        return (RunGroup.Of(runs), [.. differing.Except(RunGroup.Pooled)]);
    }

    private static string[] Keys(string option, string text)
    {
        string[] known = [.. RunSpecProperty.All.Select(setting => setting.Key)];
        string[] keys = [.. text.Split(',').Select(key => key.Trim().TrimStart('-').Replace('-', '_'))];
        if (keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown)
        {
            var nearest = NearestName.Of(unknown, known) is { } name ? $" Did you mean {name}?" : "";
            throw new UsageException($"{option} is {text}, but there is no setting '{unknown}'.{nearest}");
        }

        return keys;
    }

    /// <summary>The metric of <c>validation[:METRIC]</c>. The test split may not choose: its figure would no longer be one of unseen rows.</summary>
    private static string? MetricOf(string by)
    {
        var parts = by.Split(':', 2);
        if (parts[0] != Validation)
            throw new UsageException($"--by is {by}, expected {Validation} or {Validation}:METRIC. "
                + $"A choice by the test split would bias its metric.");
        return parts.Length == 1 ? null : parts[1];
    }

    private static void Print(ComparisonTable table, bool asMarkdown)
    {
        if (asMarkdown)
        {
            MarkdownTable.Print(table.Rows);
            return;
        }

        TextTable.Print(table.Fitting(TextTable.Width));
        if (table.LeftOut.Count > 0)
            Console.Error.WriteLine($"note: this terminal is too narrow for {string.Join(", ", table.LeftOut)}; --csv prints every column.");
    }
}
