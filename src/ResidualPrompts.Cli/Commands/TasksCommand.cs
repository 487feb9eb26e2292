using System.CommandLine;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs;
using ResidualPrompts.Statistics;
using ResidualPrompts.Submissions;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tasks</c>: lists tasks, shows the examples they produce, and scores predictions.</summary>
internal static class TasksCommand
{
    internal static Command Create() => new("tasks", "List tasks, show the examples they produce, or score predictions.")
    {
        List(), TasksShowCommand.Create(), Score(),
    };

    internal static Argument<string> Task() => new("TASK") { Description = "A built-in task, or a JSON file that defines one." };

    internal static Option<string?> Data() => new("--data")
    {
        Description = "Folder of splits, a single file, or a data set of the hub (aps/super_glue:boolq). "
            + "Default: the task's own, bundled or from the hub.",
        HelpName = "DIR|FILE|NAME[:CONFIG]",
    };

    internal static Option<string?> Compat()
    {
        var compat = new Option<string?>("--compat")
        {
            Description = "original: use the texts, truncated targets and metrics of the original implementation.",
            HelpName = "WHOSE",
        };
        compat.OnlyFrom("none", "original");
        return compat;
    }

    /// <summary>Finds a task by its name or file.</summary>
    internal static TaskDefinition Find(string name, string? compat) =>
        TaskCatalog.Find(name, compat == "original" ? Compatibility.Original : Compatibility.None);

    /// <summary>The rows of a split in the task's layout, read lazily.</summary>
    internal static IEnumerable<Example> Rows(TaskDefinition task, string? data, DataSplit split, IReadOnlyDictionary<DataSplit, string> files)
    {
        var path = data is null && files.Count > 0 ? null : DataCatalog.Locate(task, data, null);
        return DataSource.Open(path, task.Layout, new SourceOptions { SingleFileSplit = split, SplitFiles = files }).Stream(split);
    }

    private static Command List()
    {
        var command = new Command("list",
            "List all tasks with metrics, labels, rows available on this machine (bundled or in the hub's cache), and source of the data.");
        command.SetAction(_ =>
        {
            StandardOutput.Require();
            var rows = new List<IReadOnlyList<string>> { (string[])["task", "metrics", "labels", "rows here", "data"] };
            rows.AddRange(BuiltInTasks.All.Select(task =>
                (string[])[task.Name, string.Join(", ", task.Metrics), Labels(task), RowsHere(task), SourceOf(task)]));
            TextTable.Print(rows);
        });
        return command;
    }

    private static string Labels(TaskDefinition task) => task.Labels is { } labels
        ? labels.Count <= 6 ? string.Join(", ", labels.Words) : $"{string.Join(", ", labels.Words.Take(3))}, … ({labels.Count})"
        : task.Candidates is not null ? "an entity of the row" : "a number";

    /// <summary>
    /// Row counts of a task's own data. Downloads nothing; unreadable data becomes a warning, so that the other tasks are still listed.
    /// </summary>
    private static string RowsHere(TaskDefinition task)
    {
        try
        {
            if (DataCatalog.Find(task) is not { } path)
                return "-";
            var source = DataSource.Open(path, task.Layout);
            return string.Join(", ",
                source.Files.Keys.Order().Select(split => $"{split.Name()} {source.Stream(split).Count()}"));
        }
        catch (InputException e)
        {
            Console.Error.WriteLine($"warning: the data of {task.Name} cannot be read: {RemedyText.Of(e)}");
            return "unreadable";
        }
    }

    private static string SourceOf(TaskDefinition task) => $"{task.Source}{(task.HubDataSet is null ? "" : $", {task.HubDataSet}")}";

    private static Command Score()
    {
        var (task, data, compat) = (Task(), Data(), Compat());
        var splits = new SplitOptionSet();
        var predictions = new Option<string>("--predictions")
        {
            Description = "JSON lines {\"prediction\", \"reference\", \"group\"}. "
                + "With --data, --split or a file of a split, references come from the data, in row order or by \"index\".",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("score",
            "Compute a task's metrics from predictions: {\"n\", \"invalid\", \"metrics\", \"intervals\", \"undefined\"}.")
        {
            task, predictions, data, compat,
        };
        splits.AddTo(command);
        command.SetAction(parsed =>
        {
            var found = Find(parsed.GetValue(task)!, parsed.GetValue(compat));
            var file = parsed.GetValue(predictions)!;
            var isData = parsed.GetValue(data) is not null || splits.IsGiven(parsed);
            if (isData && (parsed.GetValue(data) is not null || splits.Files(parsed).Count == 0))
                HubAccess.EnsureData(parsed, found, parsed.GetValue(data));
            var rows = isData ? Rows(found, parsed.GetValue(data), splits.Wanted(parsed), splits.Files(parsed)) : null;
            var read = ExternalPredictions.Read(JsonLines.Read(TextLines.ReadFile(file), file), file, found, rows);
            var metrics = TaskMetrics.Of(found);
            var report = metrics.Report(read);
            ResultJson.Print(SplitResult.Of(report) with { Intervals = () => MetricIntervals.Of(metrics, report, read) });
        });
        return command;
    }
}
