using System.CommandLine;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tasks table-row</c>, for eng/task-table: a run as a row of the table in docs/tasks.md.</summary>
internal static class TaskTableRow
{
    internal static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The run directory." };
        var command = new Command("table-row", "Print a run as a row of the table in docs/tasks.md.") { run };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var directory = new RunDirectory(parsed.GetValue(run)!);
            var summary = RunSummary.Read(directory.Path);
            var validation = summary.Result?.Validation ?? throw new UsageException($"{directory.Path} has no validation result.");
            var inputs = JsonNode.Parse(File.ReadAllBytes(directory.Record))!["inputs"]!;
            var cut = inputs["train_cut_count"]!.GetValue<int>() + inputs["validation_cut_count"]!.GetValue<int>();
            var metrics = string.Join(", ", validation.Metrics.Select(metric => $"{metric.Key} {(metric.Value is { } value ? Statistics.Percent(value) : $"undefined ({validation.Undefined[metric.Key]})")}"));
            var majority = validation.Confusion.Length == 0 ? "-" : Statistics.Percent(validation.Confusion.Max(row => row.Sum()) / (double)validation.N);
            Console.WriteLine($"| {summary.Settings["task"]} | {inputs["train_count"]} | {validation.N} | {cut} | {Statistics.Percent(validation.Invalid / (double)validation.N)} | {metrics} | {majority} |");
        });
        return command;
    }
}
