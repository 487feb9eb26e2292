using System.CommandLine;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs;
using ResidualPrompts.Submissions;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tasks</c>: what tasks there are, what they make of data, and their metrics on predictions.</summary>
internal static class TasksCommand
{
    internal static Command Create() => new("tasks", "Tasks: list them, show what they make of data, score predictions.") { List(), TasksShowCommand.Create(), Score() };

    internal static Argument<string> Task() => new("TASK") { Description = "A built-in task, or the JSON file of your own." };

    internal static Option<string?> Data() => new("--data")
    {
        Description = "Folder of splits, one file, whose split --split then says, or a data set of the hub (aps/super_glue:boolq). Default: the task's own, bundled or of the hub.",
        HelpName = "DIR|FILE|NAME[:CONFIG]",
    };

    internal static Option<string> Split()
    {
        var split = new Option<string>("--split") { Description = "train, validation or test. Default: validation.", HelpName = "S", DefaultValueFactory = _ => "validation" };
        split.OnlyFrom("train", "validation", "test");
        return split;
    }

    internal static Option<string?> Compat()
    {
        var compat = new Option<string?>("--compat") { Description = "original: the original's texts, cut targets and scores.", HelpName = "WHOSE" };
        compat.OnlyFrom("none", "original");
        return compat;
    }

    /// <summary>The task that is meant.</summary>
    internal static TaskDefinition Find(string name, string? compat) =>
        TaskCatalog.Find(name, compat == "original" ? Compatibility.Original : Compatibility.None);

    /// <summary>The rows of a split as the task sees them, read while they are needed.</summary>
    internal static IEnumerable<Example> Rows(TaskDefinition task, string? data, string split)
    {
        var wanted = Enum.Parse<DataSplit>(split, ignoreCase: true);
        var path = DataCatalog.Locate(task, data, null);
        return File.Exists(path) ? ExampleFile.Read(path, task.Layout) : DataSource.Open(path, task.Layout).Stream(wanted);
    }

    private static Command List()
    {
        var command = new Command("list", "Show every task with its metrics, labels, the rows of it on this machine (bundled or in the hub's cache), and where its data comes from.");
        command.SetAction(_ =>
        {
            var rows = new List<IReadOnlyList<string>> { (string[])["task", "metrics", "labels", "rows here", "data"] };
            rows.AddRange(BuiltInTasks.All.Select(task => (string[])[task.Name, string.Join(", ", task.Metrics), Labels(task), RowsHere(task), SourceOf(task)]));
            TextTable.Print(rows);
        });
        return command;
    }

    private static string Labels(TaskDefinition task) => task.Labels is { } labels
        ? labels.Count <= 6 ? string.Join(", ", labels.Words) : $"{string.Join(", ", labels.Words.Take(3))}, … ({labels.Count})"
        : task.Candidates is not null ? "an entity of the row" : "a number";

    /// <summary>The rows of a task's own data, of which nothing is downloaded; what cannot be read is no reason to show nothing of the others.</summary>
    private static string RowsHere(TaskDefinition task)
    {
        try
        {
            if (DataCatalog.Find(task) is not { } path)
                return "-";
            var source = DataSource.Open(path, task.Layout);
            return string.Join(", ", source.Files.Keys.Order().Select(split => $"{split.ToString().ToLowerInvariant()} {source.Stream(split).Count()}"));
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
        var (task, data, split, compat) = (Task(), Data(), Split(), Compat());
        var predictions = new Option<string>("--predictions")
        {
            Description = "JSON lines {\"prediction\", \"reference\", \"group\"}; with --data or --split the references are those of the data, in the order of the rows or by \"index\".",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("score", "Compute a task's metrics of predictions: {\"n\",\"invalid\",\"metrics\",\"undefined\"}.") { task, predictions, data, split, compat };
        command.SetAction(parsed =>
        {
            var found = Find(parsed.GetValue(task)!, parsed.GetValue(compat));
            var file = parsed.GetValue(predictions)!;
            var isData = parsed.GetValue(data) is not null || parsed.GetResult(split) is { Implicit: false };
            if (isData)
                HubAccess.EnsureData(parsed, found, parsed.GetValue(data));
            var rows = isData ? Rows(found, parsed.GetValue(data), parsed.GetValue(split)!) : null;
            var read = ExternalPredictions.Read(JsonLines.Read(TextLines.ReadFile(file), file), file, found, rows);
            ResultJson.Print(SplitResult.Of(TaskMetrics.Of(found).Report(read)));
        });
        return command;
    }
}
