using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>compare</c>: what runs have different, and what came out.</summary>
internal static class CompareCommand
{
    internal static Command Create()
    {
        var runs = new Argument<string[]>("RUN") { Description = "Run directories.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON object a run instead of a table." };
        var command = new Command("compare", "Show settings in which runs differ, their metrics, trained parameters and seconds.") { runs, json };
        command.SetAction(parsed =>
        {
            RunSummary[] summaries = [.. parsed.GetValue(runs)!.Select(RunSummary.Read)];
            var differing = RunSummary.Differences(summaries);
            if (parsed.GetValue(json))
                PrintJson(summaries, differing);
            else
                PrintTable(summaries, differing);
        });
        return command;
    }

    private static void PrintTable(RunSummary[] runs, IReadOnlyList<string> differing)
    {
        string[] splits = ["validation", "test"];
        var rows = new List<IReadOnlyList<string>> { (string[])["", .. runs.Select(run => run.Path)] };
        foreach (var key in differing)
            rows.Add([key, .. runs.Select(run => run.Settings[key]?.ToString() ?? "-")]);
        rows.Add(["status", .. runs.Select(run => run.Status.ToString().ToLowerInvariant())]);
        foreach (var split in splits)
        {
            foreach (var name in runs.Select(run => Split(run.Result, split)).OfType<SplitResult>().SelectMany(result => result.Metrics.Keys).Distinct())
                rows.Add([$"{split} {name}", .. runs.Select(run => Statistics.Percent(Split(run.Result, split)?.Metrics.GetValueOrDefault(name)))]);
        }

        rows.Add(["trained parameters", .. runs.Select(run => run.Result?.TrainedParameters.ToString(CultureInfo.InvariantCulture) ?? "-")]);
        rows.Add(["seconds", .. runs.Select(run => run.Result?.DurationSeconds.ToString("0", CultureInfo.InvariantCulture) ?? "-")]);
        TextTable.Print(rows);
    }

    private static SplitResult? Split(RunResult? result, string split) => split == "test" ? result?.Test : result?.Validation;

    private static void PrintJson(RunSummary[] runs, IReadOnlyList<string> differing)
    {
        using var writer = new JsonLineWriter();
        foreach (var run in runs)
        {
            writer.Write(json =>
            {
                json.WriteString("run", run.Path);
                json.WriteString("status", run.Status.ToString().ToLowerInvariant());
                json.WritePropertyName("settings");
                new JsonObject(differing.Select(key => KeyValuePair.Create(key, run.Settings[key]?.DeepClone()))).WriteTo(json);
                json.WritePropertyName("result");
                JsonSerializer.Serialize(json, run.Result, SnakeCase);
            });
        }
    }

    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
